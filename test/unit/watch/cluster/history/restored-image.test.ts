import { describe, expect, test } from '@jest/globals';
import { restoredFrom } from '../../../../../src/watch/cluster/history/restored-image.ts';
import { statusOf } from '../../../../../src/watch/controller/status/status.ts';
import { digestFor, inspectionOf, platforms } from '../../../judge/scripted-inspector.ts';
import { digest, facts, judged, object, seen } from '../../controller/status/inputs.ts';

const restored = (changes: Parameters<typeof facts>[0]) =>
  restoredFrom(object({ status: statusOf(facts(changes)) }));

describe('what a status remembers', () => {
  test('is what was found, for those to whom it was told', () => {
    expect(restored({})).toEqual({
      namespace: 'shop',
      reference: 'docker.io/library/nginx:1.27',
      kind: 'index',
      digest: digestFor('nginx:1.27'),
      mediaType: 'application/vnd.oci.image.index.v1+json',
      size: 1024,
      platforms: inspectionOf('nginx:1.27').platforms,
      platformsComplete: true,
      endpoint: 'https://mirror.corp/v2',
      message: `is ${digestFor('nginx:1.27')} (linux/amd64, linux/arm64) at https://mirror.corp/v2`,
      inspectedAt: Date.UTC(2026, 0, 2, 3, 4, 5),
      credentials: [{ serviceAccount: 'default', pullSecrets: [] }],
    });
  });

  test('is not told to those who were refused, nor to those who saw something else', () => {
    const sets = [
      judged({}, 'good'),
      judged({ result: 'denied', inspection: inspectionOf('nginx:1.27', { result: 'denied' }) }, 'bad'),
      judged({ inspection: inspectionOf('nginx:1.27', { digest: digest('other') }) }, 'other'),
    ];
    expect(restored({ sets })?.credentials).toEqual([{ serviceAccount: 'default', pullSecrets: ['good'] }]);
  });

  test('of an image that is wrong for containers, it is there all the same', () => {
    const artifact = inspectionOf('nginx:1.27', { kind: 'artifact', platforms: [] });
    const sets = [judged({ result: 'invalid', reason: 'Artifact', inspection: artifact })];
    expect(restored({ sets })).toMatchObject({ kind: 'artifact', platforms: [] });
  });

  test('a platform that cannot be read leaves the list in doubt', () => {
    const [first] = platforms('linux/amd64').platforms;
    if (!first) throw new Error('a platform');
    const strange = { ...first, architecture: 'a b' };
    expect(restored({ sets: [seen({ platforms: [first, strange] })] })).toMatchObject({
      platforms: [first],
      platformsComplete: false,
    });
  });

  test.each<[string, Parameters<typeof facts>[0]]>([
    ['was not found', { sets: [judged({ result: 'not-found', inspection: null })] }],
    ['is no reference', { image: 'NGINX', sets: [] }],
  ])('is nothing for an image that %s', (_, changes) => {
    expect(restored(changes)).toBeNull();
  });

  test('is nothing before the first look', () => {
    expect(restoredFrom(object())).toBeNull();
  });
});
