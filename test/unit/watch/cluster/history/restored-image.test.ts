import { describe, expect, test } from '@jest/globals';
import { restoreImage } from '../../../../../src/watch/cluster/history/restored-image.ts';
import { buildStatus } from '../../../../../src/watch/controller/status/build-status.ts';
import { digestFor, inspectionOf, platforms } from '../../../judge/scripted-inspector.ts';
import { digest, inputs, judged, object, seen } from '../../controller/status/inputs.ts';

const restored = (changes: Parameters<typeof inputs>[0]) =>
  restoreImage(object({ status: buildStatus(inputs(changes)) }));

describe('restoreImage', () => {
  test('returns what was found, with the credentials it was found with', () => {
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

  test('excludes credentials that were refused or saw another digest', () => {
    const sets = [
      judged({}, 'good'),
      judged({ result: 'denied', inspection: inspectionOf('nginx:1.27', { result: 'denied' }) }, 'bad'),
      judged({ inspection: inspectionOf('nginx:1.27', { digest: digest('other') }) }, 'other'),
    ];
    expect(restored({ sets })?.credentials).toEqual([{ serviceAccount: 'default', pullSecrets: ['good'] }]);
  });

  test('restores an image without a usable platform', () => {
    const artifact = inspectionOf('nginx:1.27', { kind: 'artifact', platforms: [] });
    const sets = [judged({ result: 'invalid', reason: 'Artifact', inspection: artifact })];
    expect(restored({ sets })).toMatchObject({ kind: 'artifact', platforms: [] });
  });

  test('marks the platforms incomplete if one cannot be parsed', () => {
    const [first] = platforms('linux/amd64').platforms;
    if (!first) throw new Error('a platform');
    const strange = { ...first, architecture: 'a b' };
    expect(restored({ sets: [seen({ platforms: [first, strange] })] })).toMatchObject({
      platforms: [first],
      platformsComplete: false,
    });
  });

  test.each<[string, Parameters<typeof inputs>[0]]>([
    ['was not found', { sets: [judged({ result: 'not-found', inspection: null })] }],
    ['is not a reference', { image: 'NGINX', sets: [] }],
  ])('returns null for an image that %s', (_, changes) => {
    expect(restored(changes)).toBeNull();
  });

  test('returns null before the first inspection', () => {
    expect(restoreImage(object())).toBeNull();
  });
});
