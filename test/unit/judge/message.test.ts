import { describe, expect, test } from '@jest/globals';
import { words } from '../../../src/judge/message.ts';
import { digestFor, inspectionOf, platforms } from './scripted-inspector.ts';

const found = inspectionOf('nginx:1');
const digest = digestFor('nginx:1');
const [amd64, arm64] = found.platforms;
if (!amd64 || !arm64) throw new Error('the scripted image has two platforms');

describe('words', () => {
  test.each<[string, string, string]>([
    [
      'platformMissing, some',
      words.platformMissing(inspectionOf('nginx:1', platforms('linux/amd64')), [arm64], 2),
      'fits 1 of 2 platforms that the pod can land on: lacks linux/arm64; has linux/amd64 at https://mirror.corp/v2. ' +
        'Push it for these platforms, or keep the pod off such nodes by a nodeSelector on kubernetes.io/arch and kubernetes.io/os',
    ],
    [
      'platformMissing, none',
      words.platformMissing(inspectionOf('nginx:1', platforms('linux/s390x')), [amd64, arm64], 2),
      'fits no platform that the pod can land on: lacks linux/amd64, linux/arm64; has linux/s390x at https://mirror.corp/v2. ' +
        'Push it for these platforms, or keep the pod off such nodes by a nodeSelector on kubernetes.io/arch and kubernetes.io/os',
    ],
    [
      'platformMissing, of an index without any',
      words.platformMissing(inspectionOf('nginx:1', { platforms: [], endpoint: null }), [amd64], 1),
      'fits no platform that the pod can land on: lacks linux/amd64; has none. ' +
        'Push it for these platforms, or keep the pod off such nodes by a nodeSelector on kubernetes.io/arch and kubernetes.io/os',
    ],
    [
      'platformsUnknown',
      words.platformsUnknown(
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
      words.earlierGone(digest),
      `was ${digest.slice(0, 19)} for earlier pods, which is gone; the tag was resolved anew`,
    ],
    [
      'schema1',
      words.schema1(found),
      'is a manifest of Docker schema 1 at https://mirror.corp/v2, which current container runtimes cannot pull; build and push it again',
    ],
    [
      'artifact',
      words.artifact(found),
      'is an artifact at https://mirror.corp/v2, not a container image; name an image, or mount it as an image volume',
    ],
    [
      'presentOnNode',
      words.presentOnNode(inspectionOf('nginx:1', { result: 'not-found', message: 'does not exist' })),
      'is not checked, as an eligible node holds it already, although it does not exist',
    ],
    [
      'unpinned',
      words.unpinned('nginx:1', digest),
      `is not pinned, as is required here; write nginx:1@${digest}`,
    ],
    [
      'notProved',
      words.notProved(
        digest,
        inspectionOf('nginx:1', { result: 'not-found', message: 'does not exist' }),
        '',
      ),
      `is not pinned: its tag means ${digest.slice(0, 19)}, and by that digest it does not exist`,
    ],
    [
      'notProved, for some nodes',
      words.notProved(
        digest,
        inspectionOf('nginx:1', { result: 'denied', message: 'does not exist' }),
        'node group gpu',
      ),
      `is not pinned: its tag means ${digest.slice(0, 19)}, and by that digest it, for node group gpu, does not exist`,
    ],
    [
      'digestsDiffer',
      words.digestsDiffer(
        new Map([
          [digest, 'node group gpu'],
          [digestFor('nginx:2'), 'nodes of no group'],
        ]),
      ),
      `is not pinned: its tag means ${digest.slice(0, 19)} for node group gpu, ${digestFor('nginx:2').slice(0, 19)} for nodes of no group`,
    ],
    [
      'tooOldToPin',
      words.tooOldToPin(found),
      'is not pinned: no registry answers, and what was seen at 2026-01-02T03:04:05Z is no ground for a new pin',
    ],
    [
      'tooOldToPin, of an odd clock',
      words.tooOldToPin(inspectionOf('nginx:1', { inspectedAt: Number.NaN })),
      'is not pinned: no registry answers, and what was seen at an unknown time is no ground for a new pin',
    ],
  ])('%s', (_reason, said, wanted) => {
    expect(said).toBe(wanted);
  });

  test('what a registry calls its platforms is cleaned and cut', () => {
    const odd = { ...amd64, architecture: '\u001b[2J'.repeat(100) };
    const said = words.platformMissing(
      inspectionOf('nginx:1', { platforms: Array.from({ length: 99 }, () => odd) }),
      [arm64],
      1,
    );
    expect(said).not.toMatch(/\u001b/);
    expect(said.length).toBeLessThan(1_000);
  });
});
