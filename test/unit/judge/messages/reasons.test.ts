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
const push = 'Push it for this platform';
const advice = `${push}, or restrict the pod to matching nodes with a nodeSelector.`;
const elsewhere = `${push}, or let the pod run on other nodes (nodeName, nodeSelector, affinity, tolerations).`;

function on(platform: Platform, count: number, example: string): EligiblePlatform {
  const nodes: NodeCount = { count, example };
  return { ...eligiblePlatform(platform, 'compat'), nodes };
}

describe('messages', () => {
  test.each<[string, string, string]>([
    [
      'platformMissing, some',
      messages.platformMissing(inspectionOf('nginx:1', platforms('linux/amd64')), {
        lacking: [onArm64],
        among: [onAmd64, onArm64],
      }),
      'fits 1 of 2 required platforms: lacks linux/arm64. ' +
        'Push it for this platform, or restrict the pod to matching nodes with a nodeSelector.\n' +
        'It has linux/amd64 at https://mirror.corp/v2',
    ],
    [
      'platformMissing, none',
      messages.platformMissing(inspectionOf('nginx:1', platforms('linux/s390x')), {
        lacking: [onAmd64, onArm64],
        among: [onAmd64, onArm64],
      }),
      'fits no required platform: lacks linux/amd64, linux/arm64. Push it for these platforms.\n' +
        'It has linux/s390x at https://mirror.corp/v2',
    ],
    [
      'platformMissing, of an index without any',
      messages.platformMissing(inspectionOf('nginx:1', { platforms: [], endpoint: null }), {
        lacking: [onAmd64],
        among: [onAmd64],
      }),
      'fits no required platform: lacks linux/amd64. Push it for this platform.\nIt has no platform',
    ],
    [
      'platformsUnknown',
      messages.platformsUnknown([arm64], 'the config blob names no platform'),
      'may lack linux/arm64, because its platforms could not be read: the config blob names no platform',
    ],
    [
      'earlierGone',
      messages.earlierGone(digest),
      `was ${digest.slice(0, 19)} in earlier pods, which no longer exists; the tag was resolved again`,
    ],
    [
      'schema1',
      messages.schema1(found),
      'is a manifest of Docker schema 1, which container runtimes no longer pull. Build and push it again.\nIt is at https://mirror.corp/v2',
    ],
    [
      'artifact',
      messages.artifact(found),
      'is an artifact, not a container image. Use an image, or mount it as an image volume.\nIt is at https://mirror.corp/v2',
    ],
    [
      'presentOnNode',
      messages.presentOnNode(inspectionOf('nginx:1', { result: 'not-found', message: 'does not exist' })),
      'is not checked: an eligible node holds it already, although it does not exist',
    ],
    [
      'unpinned',
      messages.unpinned('nginx:1', digest, ''),
      `has no digest, which the policy requires. Write nginx:1@${digest}`,
    ],
    [
      'notProved',
      messages.notProved(
        digest,
        inspectionOf('nginx:1', { result: 'not-found', message: 'does not exist' }),
        '',
      ),
      `is not pinned: its tag resolves to ${digest.slice(0, 19)}, and by that digest it does not exist`,
    ],
    [
      'notProved, for some nodes',
      messages.notProved(
        digest,
        inspectionOf('nginx:1', { result: 'denied', message: 'does not exist' }),
        'node group gpu',
      ),
      `is not pinned: its tag resolves to ${digest.slice(0, 19)}, and by that digest it, for node group gpu, does not exist`,
    ],
    [
      'digestsDiffer',
      messages.digestsDiffer(
        new Map([
          [digest, 'node group gpu'],
          [digestFor('nginx:2'), 'nodes of no group'],
        ]),
      ),
      `is not pinned: its tag resolves to ${digest.slice(0, 19)} for node group gpu, ${digestFor('nginx:2').slice(0, 19)} for nodes of no group`,
    ],
    [
      'tooOldToPin',
      messages.tooOldToPin(found),
      'is not pinned: no registry is reachable, and the cached digest from 2026-01-02T03:04:05Z is too old for a new pin',
    ],
    [
      'tooOldToPin, of an odd clock',
      messages.tooOldToPin(inspectionOf('nginx:1', { inspectedAt: Number.NaN })),
      'is not pinned: no registry is reachable, and the cached digest from an unknown time is too old for a new pin',
    ],
  ])('%s', (_reason, said, wanted) => {
    expect(said).toBe(wanted);
  });

  test('platforms of a registry are cleaned and cut', () => {
    const odd = { ...amd64, architecture: '\u001b[2J'.repeat(100) };
    const said = messages.platformMissing(
      inspectionOf('nginx:1', { platforms: Array.from({ length: 99 }, () => odd) }),
      { lacking: [onArm64], among: [onArm64] },
    );
    expect(said).not.toMatch(/\u001b/);
    expect(said.length).toBeLessThan(1_000);
  });
});

describe('known nodes are counted', () => {
  const image = inspectionOf('nginx:1', platforms('linux/amd64'));
  const few = on(amd64, 3, 'amd-1');
  const arms = on(arm64, 2, 'arm-1');
  const coming = on(arm64, 0, '');
  const windows = (build: string, count: number, name: string) =>
    on(parsePlatform(`windows(${build})/amd64`), count, name);
  const [old, current] = [windows('10.0.17763.1', 1, 'win-1'), windows('10.0.20348.1', 2, 'win-2')];

  type Nodes = readonly EligiblePlatform[];
  test.each<[string, Nodes, Nodes, string, string]>([
    ['some', [arms], [few, arms], 'fits 3 of 5 eligible nodes: lacks linux/arm64 (node arm-1, +1)', advice],
    [
      'none: kept off these, the pod has no node left',
      [arms],
      [arms],
      'fits no eligible node: lacks linux/arm64 (node arm-1, +1)',
      elsewhere,
    ],
    [
      'one node',
      [on(arm64, 1, 'arm-1')],
      [few, on(arm64, 1, 'arm-1')],
      'fits 3 of 4 eligible nodes: lacks linux/arm64 (node arm-1)',
      advice,
    ],
    [
      'strict and lenient nodes of one platform',
      [arms, { ...onArm64, nodes: { count: 1, example: 'arm-9' } }],
      [few, arms, { ...onArm64, nodes: { count: 1, example: 'arm-9' } }],
      'fits 3 of 6 eligible nodes: lacks linux/arm64 (node arm-1, +2)',
      advice,
    ],
    [
      'all that are there',
      [coming],
      [few, coming],
      'fits all 3 eligible nodes, but not all that the cluster may add: lacks linux/arm64 (platforms.additional)',
      advice,
    ],
    [
      'the only one that is there',
      [coming],
      [on(amd64, 1, 'amd-1'), coming],
      'fits the only eligible node, but not all that the cluster may add: lacks linux/arm64 (platforms.additional)',
      advice,
    ],
    [
      'some of both',
      [arms, coming, on(parsePlatform('linux/s390x'), 0, '')],
      [few, arms, coming, on(parsePlatform('linux/s390x'), 0, '')],
      'fits 3 of 5 eligible nodes: lacks linux/arm64 (node arm-1, +1), linux/s390x (platforms.additional)',
      advice.replace('this platform', 'these platforms'),
    ],
    [
      'only those that may come',
      [arms],
      [arms, on(amd64, 0, '')],
      'fits no eligible node, only nodes that the cluster may add: lacks linux/arm64 (node arm-1, +1)',
      advice,
    ],
    [
      'no node is there, and it does not fit those that may come',
      [coming],
      [coming],
      'fits none of the nodes that the cluster may add, and no existing node is eligible: lacks linux/arm64 (platforms.additional)',
      elsewhere,
    ],
    [
      'no node is there, and it fits some that may come',
      [coming],
      [coming, on(amd64, 0, '')],
      'fits only some of the nodes that the cluster may add, and no existing node is eligible: lacks linux/arm64 (platforms.additional)',
      advice,
    ],
    [
      'another build of Windows: no label but that of the build tells it',
      [old],
      [old, current],
      'fits 2 of 3 eligible nodes: lacks windows(10.0.17763.1)/amd64 (node win-1)',
      `${push}, or restrict the pod to matching nodes with a nodeSelector on node.kubernetes.io/windows-build.`,
    ],
    [
      'Windows beside Linux is told by its system',
      [old],
      [old, few],
      'fits 3 of 4 eligible nodes: lacks windows(10.0.17763.1)/amd64 (node win-1)',
      advice,
    ],
    [
      'a hostile name of a node',
      [on(arm64, 1, `\u001b[2J${'x'.repeat(500)}`)],
      [few, on(arm64, 1, 'x')],
      `fits 3 of 4 eligible nodes: lacks linux/arm64 (node [2J${'x'.repeat(59)}…)`,
      advice,
    ],
  ])('%s', (_what, lacking, among, wanted, remedy) => {
    expect(messages.platformMissing(image, { lacking, among })).toBe(
      `${wanted}. ${remedy}\nIt has linux/amd64 at https://mirror.corp/v2`,
    );
  });

  test('says that the nodes of one group are not all eligible nodes', () => {
    expect(messages.platformMissing(image, { lacking: [arms], among: [arms], elsewhere: true })).toBe(
      `fits no eligible node there: lacks linux/arm64 (node arm-1, +1). ${advice}\nIt has linux/amd64 at https://mirror.corp/v2`,
    );
  });
});
