import { describe, expect, test } from '@jest/globals';
import { messages } from '../../../../src/judge/messages/reasons.ts';
import { type EligiblePlatform, eligiblePlatform, type NodeCount } from '../../../../src/judge/nodes/fit.ts';
import { parsePlatform } from '../../../../src/resolve/platform/parse.ts';
import type { Platform } from '../../../../src/resolve/platform/platform.ts';
import { digestFor, inspectionOf, platforms } from '../scripted-inspector.ts';

const found = inspectionOf('nginx:1');
const digest = digestFor('nginx:1');
const [amd64, arm64] = found.platforms;
if (!amd64 || !arm64) throw new Error('the scripted image has two platforms');
const [onAmd64, onArm64] = [eligiblePlatform(amd64, 'strict'), eligiblePlatform(arm64, 'strict')];
const push = 'Push it for these platforms';
const advice = `${push}, or keep the pod off such nodes by a nodeSelector on kubernetes.io/arch and kubernetes.io/os`;
const elsewhere = `${push}, or change which nodes the pod asks for (nodeName, nodeSelector, affinity, tolerations)`;

function on(platform: Platform, count: number, example: string): EligiblePlatform {
  const nodes: NodeCount = { count, example };
  return { ...eligiblePlatform(platform, 'compat'), nodes };
}

describe('words', () => {
  test.each<[string, string, string]>([
    [
      'platformMissing, some',
      messages.platformMissing(inspectionOf('nginx:1', platforms('linux/amd64')), {
        lacking: [onArm64],
        among: [onAmd64, onArm64],
      }),
      'fits 1 of 2 required platforms: lacks linux/arm64; has linux/amd64 at https://mirror.corp/v2. ' +
        'Push it for these platforms, or keep the pod off such nodes by a nodeSelector on kubernetes.io/arch and kubernetes.io/os',
    ],
    [
      'platformMissing, none',
      messages.platformMissing(inspectionOf('nginx:1', platforms('linux/s390x')), {
        lacking: [onAmd64, onArm64],
        among: [onAmd64, onArm64],
      }),
      'fits no required platform: lacks linux/amd64, linux/arm64; has linux/s390x at https://mirror.corp/v2. ' +
        'Push it for these platforms',
    ],
    [
      'platformMissing, of an index without any',
      messages.platformMissing(inspectionOf('nginx:1', { platforms: [], endpoint: null }), {
        lacking: [onAmd64],
        among: [onAmd64],
      }),
      'fits no required platform: lacks linux/amd64; has none. Push it for these platforms',
    ],
    [
      'platformsUnknown',
      messages.platformsUnknown(
        inspectionOf('nginx:1', {
          warnings: [
            { code: 'MirrorsInconsistent', message: 'other', source: null },
            { code: 'PlatformUnknown', message: 'the config blob names no platform', source: null },
          ],
        }),
        [arm64],
      ),
      'may lack linux/arm64, which cannot be told: the config blob names no platform',
    ],
    [
      'earlierGone',
      messages.earlierGone(digest),
      `was ${digest.slice(0, 19)} for earlier pods, which is gone; the tag was resolved anew`,
    ],
    [
      'schema1',
      messages.schema1(found),
      'is a manifest of Docker schema 1 at https://mirror.corp/v2, which current container runtimes cannot pull; build and push it again',
    ],
    [
      'artifact',
      messages.artifact(found),
      'is an artifact at https://mirror.corp/v2, not a container image; name an image, or mount it as an image volume',
    ],
    [
      'presentOnNode',
      messages.presentOnNode(inspectionOf('nginx:1', { result: 'not-found', message: 'does not exist' })),
      'is not checked, as a node that the pod can land on holds it already, although it does not exist',
    ],
    [
      'unpinned',
      messages.unpinned('nginx:1', digest),
      `is not pinned, as is required here; write nginx:1@${digest}`,
    ],
    [
      'notProved',
      messages.notProved(
        digest,
        inspectionOf('nginx:1', { result: 'not-found', message: 'does not exist' }),
        '',
      ),
      `is not pinned: its tag means ${digest.slice(0, 19)}, and by that digest it does not exist`,
    ],
    [
      'notProved, for some nodes',
      messages.notProved(
        digest,
        inspectionOf('nginx:1', { result: 'denied', message: 'does not exist' }),
        'node group gpu',
      ),
      `is not pinned: its tag means ${digest.slice(0, 19)}, and by that digest it, for node group gpu, does not exist`,
    ],
    [
      'digestsDiffer',
      messages.digestsDiffer(
        new Map([
          [digest, 'node group gpu'],
          [digestFor('nginx:2'), 'nodes of no group'],
        ]),
      ),
      `is not pinned: its tag means ${digest.slice(0, 19)} for node group gpu, ${digestFor('nginx:2').slice(0, 19)} for nodes of no group`,
    ],
    [
      'tooOldToPin',
      messages.tooOldToPin(found),
      'is not pinned: no registry answers, and what was seen at 2026-01-02T03:04:05Z is no ground for a new pin',
    ],
    [
      'tooOldToPin, of an odd clock',
      messages.tooOldToPin(inspectionOf('nginx:1', { inspectedAt: Number.NaN })),
      'is not pinned: no registry answers, and what was seen at an unknown time is no ground for a new pin',
    ],
  ])('%s', (_reason, said, wanted) => {
    expect(said).toBe(wanted);
  });

  test('what a registry calls its platforms is cleaned and cut', () => {
    const odd = { ...amd64, architecture: '\u001b[2J'.repeat(100) };
    const said = messages.platformMissing(
      inspectionOf('nginx:1', { platforms: Array.from({ length: 99 }, () => odd) }),
      { lacking: [onArm64], among: [onArm64] },
    );
    expect(said).not.toMatch(/\u001b/);
    expect(said.length).toBeLessThan(1_000);
  });
});

describe('where nodes are known, they are counted', () => {
  const image = inspectionOf('nginx:1', platforms('linux/amd64'));
  const few = on(amd64, 3, 'amd-1');
  const arms = on(arm64, 2, 'arm-1');
  const coming = on(arm64, 0, '');
  const windows = (build: string, count: number, name: string) =>
    on(parsePlatform(`windows(${build})/amd64`), count, name);
  const [old, current] = [windows('10.0.17763.1', 1, 'win-1'), windows('10.0.20348.1', 2, 'win-2')];

  type Nodes = readonly EligiblePlatform[];
  test.each<[string, Nodes, Nodes, string, string]>([
    [
      'some',
      [arms],
      [few, arms],
      'fits 3 of 5 nodes that the pod can land on: lacks linux/arm64 (node arm-1, +1)',
      advice,
    ],
    [
      'none: kept off these, the pod has no node left',
      [arms],
      [arms],
      'fits no node that the pod can land on: lacks linux/arm64 (node arm-1, +1)',
      elsewhere,
    ],
    [
      'one node',
      [on(arm64, 1, 'arm-1')],
      [few, on(arm64, 1, 'arm-1')],
      'fits 3 of 4 nodes that the pod can land on: lacks linux/arm64 (node arm-1)',
      advice,
    ],
    [
      'strict and lenient nodes of one platform',
      [arms, { ...onArm64, nodes: { count: 1, example: 'arm-9' } }],
      [few, arms, { ...onArm64, nodes: { count: 1, example: 'arm-9' } }],
      'fits 3 of 6 nodes that the pod can land on: lacks linux/arm64 (node arm-1, +2)',
      advice,
    ],
    [
      'all that are there',
      [coming],
      [few, coming],
      'fits all 3 nodes that the pod can land on, but not all that may come: lacks linux/arm64 (nodes that may come: platforms.additional)',
      advice,
    ],
    [
      'the only one that is there',
      [coming],
      [on(amd64, 1, 'amd-1'), coming],
      'fits the one node that the pod can land on, but not all that may come: lacks linux/arm64 (nodes that may come: platforms.additional)',
      advice,
    ],
    [
      'some of both',
      [arms, coming, on(parsePlatform('linux/s390x'), 0, '')],
      [few, arms, coming, on(parsePlatform('linux/s390x'), 0, '')],
      'fits 3 of 5 nodes that the pod can land on: lacks linux/arm64 (node arm-1, +1), linux/s390x (nodes that may come: platforms.additional)',
      advice,
    ],
    [
      'only those that may come',
      [arms],
      [arms, on(amd64, 0, '')],
      'fits no node that the pod can land on, only such as may come: lacks linux/arm64 (node arm-1, +1)',
      advice,
    ],
    [
      'no node is there, and it does not fit those that may come',
      [coming],
      [coming],
      'fits none of the nodes that may come, and no other suits the pod: lacks linux/arm64 (nodes that may come: platforms.additional)',
      elsewhere,
    ],
    [
      'no node is there, and it fits some that may come',
      [coming],
      [coming, on(amd64, 0, '')],
      'fits only some of the nodes that may come, and no other suits the pod: lacks linux/arm64 (nodes that may come: platforms.additional)',
      advice,
    ],
    [
      'another build of Windows: no label but that of the build tells it',
      [old],
      [old, current],
      'fits 2 of 3 nodes that the pod can land on: lacks windows(10.0.17763.1)/amd64 (node win-1)',
      `${advice}, of Windows on node.kubernetes.io/windows-build`,
    ],
    [
      'Windows beside Linux is told by its system',
      [old],
      [old, few],
      'fits 3 of 4 nodes that the pod can land on: lacks windows(10.0.17763.1)/amd64 (node win-1)',
      advice,
    ],
    [
      'a hostile name of a node',
      [on(arm64, 1, `\u001b[2J${'x'.repeat(500)}`)],
      [few, on(arm64, 1, 'x')],
      `fits 3 of 4 nodes that the pod can land on: lacks linux/arm64 (node [2J${'x'.repeat(59)}…)`,
      advice,
    ],
  ])('%s', (_what, lacking, among, wanted, remedy) => {
    expect(messages.platformMissing(image, { lacking, among })).toBe(
      `${wanted}; has linux/amd64 at https://mirror.corp/v2. ${remedy}`,
    );
  });

  test('those of one group of nodes are not all that the pod can land on', () => {
    expect(messages.platformMissing(image, { lacking: [arms], among: [arms], elsewhere: true })).toBe(
      `fits no node there that the pod can land on: lacks linux/arm64 (node arm-1, +1); has linux/amd64 at https://mirror.corp/v2. ${advice}`,
    );
  });
});
