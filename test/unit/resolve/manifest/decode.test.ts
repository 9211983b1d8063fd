import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { decodeConfig, decodeManifest } from '../../../../src/resolve/manifest/decode.ts';
import { ManifestError } from '../../../../src/resolve/manifest/error.ts';
import * as types from '../../../../src/resolve/manifest/media-types.ts';
import { digestOf } from '../../../../src/resolve/reference/digest.ts';
import { signed } from './signed.ts';

const digest = digestOf('sha256', Buffer.from('x'));
const descriptor = (mediaType: string, more: object = {}) => ({ mediaType, digest, size: 3, ...more });
const image = { schemaVersion: 2, config: descriptor(types.ociConfig), layers: [] };
const entry = (platform?: object, more: object = {}) =>
  descriptor(types.ociManifest, { ...(platform && { platform }), ...more });
const index = (...manifests: unknown[]) => ({ schemaVersion: 2, manifests });
const amd64 = { os: 'linux', architecture: 'amd64' };

const decode = (body: unknown, declared: string | null = null) =>
  decodeManifest(Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)), declared);

function refusal(body: unknown, declared: string | null = null): string {
  try {
    decode(body, declared);
  } catch (error) {
    if (error instanceof ManifestError) return error.code;
    throw error;
  }
  return 'accepted';
}

describe('an index', () => {
  test('gives its entries in their order, raw', () => {
    const windows = {
      os: 'windows',
      architecture: 'amd64',
      'os.version': '10.0.1',
      'os.features': ['win32k'],
    };
    const manifest = decode(index(entry({ ...amd64, variant: 'v3' }), entry(windows)));
    expect(manifest).toMatchObject({
      kind: 'index',
      mediaType: types.ociIndex,
      entries: [
        {
          digest,
          platform: { os: 'linux', architecture: 'amd64', variant: 'v3', osVersion: '', osFeatures: [] },
        },
        { digest, platform: { os: 'windows', osVersion: '10.0.1', osFeatures: ['win32k'] } },
      ],
    });
  });

  test('is known by the name it gives itself', () => {
    expect(decode({ ...index(), mediaType: types.dockerList }).mediaType).toBe(types.dockerList);
  });

  test('may be empty', () => {
    expect(decode(index())).toMatchObject({ kind: 'index', entries: [] });
  });

  test.each([[undefined], [{}], [{ os: '', architecture: '' }]])('platform %j is none', (platform) => {
    expect(decode(index(entry(platform)))).toMatchObject({
      entries: [{ platform: null, attestation: false }],
    });
  });

  test('keeps duplicates, nested indexes and unknown types for the caller to judge', () => {
    const nested = descriptor(types.ociIndex);
    const manifest = decode(index(entry(amd64), entry(amd64), nested, descriptor('application/x-other')));
    if (manifest.kind !== 'index') throw new Error(manifest.kind);
    expect(manifest.entries.map(({ mediaType }) => mediaType)).toEqual([
      types.ociManifest,
      types.ociManifest,
      types.ociIndex,
      'application/x-other',
    ]);
  });

  test('marks attestations, by platform or by annotation', () => {
    const unknown = { os: 'unknown', architecture: 'unknown' };
    const annotations = { 'vnd.docker.reference.type': 'attestation-manifest' };
    const manifest = decode(index(entry(unknown), entry(amd64, { annotations }), entry(amd64)));
    expect(manifest).toMatchObject({
      entries: [{ attestation: true }, { attestation: true }, { attestation: false }],
    });
  });

  test('loses an entry that nobody can fetch, and no other', () => {
    const manifest = decode(index(entry(amd64, { digest: 'sha256:short' }), entry(amd64)));
    expect(manifest).toMatchObject({ entries: [{ digest }] });
    expect(manifest.kind === 'index' && manifest.entries).toHaveLength(1);
  });
});

describe('a single manifest', () => {
  test('names its config', () => {
    expect(decode(image)).toEqual({
      kind: 'image',
      mediaType: types.ociManifest,
      config: { mediaType: types.ociConfig, digest, size: 3, urls: [] },
      layers: [],
      hasSwappedType: false,
    });
  });

  test('names its layers, and tells those that nobody could fetch', () => {
    const annotations = { 'containerd.io/snapshot/stargz/toc.digest': digest };
    const layers = [
      descriptor('a'),
      { ...descriptor('b'), annotations },
      { ...descriptor('c'), digest: 'sha256:0' },
      { ...descriptor('d'), size: '3' },
      'e',
    ];
    expect(decode({ ...image, layers })).toMatchObject({
      layers: [{ mediaType: 'a', isLazy: false }, { mediaType: 'b', isLazy: true }, null, null, null],
    });
  });

  test('is the same image whatever its layers look like', () => {
    expect(decode({ ...image, layers: 'none' })).toMatchObject({ kind: 'image', layers: [] });
  });

  test.each([types.ociConfig, types.dockerConfig, 'application/octet-stream', ''])(
    'config type %p is an image',
    (type) => {
      expect(decode({ ...image, config: descriptor(type) }).kind).toBe('image');
    },
  );

  test.each<[string, object, string]>([
    [
      'a config of another kind',
      { config: descriptor('application/vnd.cncf.helm.config.v1+json') },
      'application/vnd.cncf.helm.config.v1+json',
    ],
    ['an empty config', { config: descriptor(types.emptyConfig) }, types.emptyConfig],
    [
      "the layer of cosign's signature beside an image config",
      { layers: [descriptor('application/vnd.dev.cosign.simplesigning.v1+json')] },
      types.ociConfig,
    ],
    ['the layer of an SBOM', { layers: [descriptor('text/spdx+json')] }, types.ociConfig],
    [
      'an artifact type beside an empty config',
      { artifactType: 'a/b', config: descriptor(types.emptyConfig) },
      'a/b',
    ],
  ])('%s makes it an artifact', (_title, more, artifactType) => {
    expect(decode({ ...image, ...more })).toMatchObject({ kind: 'artifact', artifactType });
  });

  test.each([
    ['no layers', []],
    ['an image layer', [descriptor('application/vnd.oci.image.layer.v1.tar+gzip')]],
    ['a docker layer', [descriptor('application/vnd.docker.image.rootfs.diff.tar.gzip')]],
  ])('an artifact type beside an image config with %s is an image', (_title, layers) => {
    expect(decode({ ...image, artifactType: 'application/vnd.example.app', layers }).kind).toBe('image');
  });

  test("OCI's former artifact manifest is one too", () => {
    const mediaType = 'application/vnd.oci.artifact.manifest.v1+json';
    expect(decode({ mediaType, artifactType: 'a/b', blobs: [] })).toEqual({
      kind: 'artifact',
      mediaType,
      artifactType: 'a/b',
    });
  });

  test('keeps the external URLs of its config', () => {
    const config = descriptor(types.ociConfig, { urls: ['https://a.test/b'] });
    expect(decode({ ...image, config })).toMatchObject({ config: { urls: ['https://a.test/b'] } });
  });
});

describe('schema 1', () => {
  const body = { schemaVersion: 1, name: 'x', architecture: 'arm64', fsLayers: [], history: [] };

  const platform = { os: 'linux', architecture: 'arm64', variant: '', osVersion: '', osFeatures: [] };

  test('has one platform, on linux', () => {
    expect(decode(body)).toEqual({ kind: 'schema1', mediaType: types.schema1, platform });
  });

  test('is signed when it has signatures', () => {
    expect(decode({ ...body, signatures: [] }, types.schema1Signed).mediaType).toBe(types.schema1Signed);
    expect(decode(signed(body))).toEqual({ kind: 'schema1', mediaType: types.schema1Signed, platform });
  });

  test('counts as far as it is signed: what is written over that does not', () => {
    const forged = signed(
      body,
      ({ head, signatures, tail }) =>
        `{"architecture": "s390x", "fsLayers": [], "signatures": ${signatures({ formatLength: 0, formatTail: head + tail })}}`,
    );
    expect(decode(forged)).toMatchObject({ platform });
  });

  test.each<[string, unknown]>([
    ['an image', image],
    ['an index', index()],
    ['an image that calls itself schema 1 too', { ...image, fsLayers: [] }],
  ])('that is signed as %s is refused', (_title, content) => {
    const text = JSON.stringify(content);
    const forged = signed(
      body,
      ({ signatures }) =>
        `{"fsLayers": [], "signatures": ${signatures({ formatLength: 0, formatTail: text })}}`,
    );
    expect(refusal(forged)).not.toBe('accepted');
  });
});

describe('the declared type', () => {
  test.each([null, 'text/plain', 'application/json', 'application/octet-stream', types.ociManifest])(
    '%p is not a contradiction to an image without a type of its own',
    (declared) => {
      expect(decode(image, declared)).toMatchObject({ kind: 'image', mediaType: types.ociManifest });
    },
  );

  test.each<[string, unknown, string]>([
    ['an image declared as index', image, types.ociIndex],
    ['an index declared as image', index(), types.dockerManifest],
    ['an image that says it is an index', { ...image, mediaType: types.ociIndex }, types.ociIndex],
    ['an image declared as schema 1', image, types.schema1Signed],
  ])('%s is refused', (_title, body, declared) => {
    expect(refusal(body, declared)).toBe('TypeMismatch');
  });

  test.each<[string, unknown, string]>([
    ['a docker list declared as OCI index', { ...index(), mediaType: types.dockerList }, types.ociIndex],
    [
      'a docker manifest declared as OCI manifest',
      { ...image, mediaType: types.dockerManifest },
      types.ociManifest,
    ],
    [
      'an OCI manifest with a docker config',
      { ...image, config: descriptor(types.dockerConfig) },
      types.ociManifest,
    ],
  ])('%s is accepted and marked as swapped', (_title, body, declared) => {
    expect(decode(body, declared)).toMatchObject({ hasSwappedType: true });
  });
});

describe('what is not a manifest', () => {
  test.each<[string, unknown, string]>([
    ['HTML', '<html></html>', 'NotJson'],
    ['millions of levels', `{"layers":${'['.repeat(1e6)}${']'.repeat(1e6)}}`, 'Malformed'],
    ['nothing', '', 'NotJson'],
    ['half of one', JSON.stringify(image).slice(0, 50), 'NotJson'],
    ['{}', {}, 'NotAManifest'],
    ['a list', [], 'NotAManifest'],
    ['null', 'null', 'NotAManifest'],
    ['a text', '"x"', 'NotAManifest'],
    ['an error document', { errors: [] }, 'NotAManifest'],
    ['an error document with manifests', { ...index(), errors: [] }, 'NotAManifest'],
    ['null manifests', { manifests: null }, 'NotAManifest'],
    ['manifests and layers', { ...index(), layers: [] }, 'Ambiguous'],
    ['manifests and config', { ...index(), config: {} }, 'Ambiguous'],
    ['schema 1 and 2 at once', { ...image, fsLayers: [] }, 'Ambiguous'],
    ['manifests that are not a list', { manifests: {} }, 'Malformed'],
    ['entries that are not objects', index(1), 'Malformed'],
    ['an entry without one', index(null), 'Malformed'],
    ['a platform that is not an object', index(entry([])), 'Malformed'],
    ['an os that is not a text', index(entry({ os: 5 })), 'Malformed'],
    ['features that are not texts', index(entry({ 'os.features': [1] })), 'Malformed'],
    ['a size that is none', index(entry(amd64, { size: -1 })), 'Malformed'],
    ['layers without a config', { layers: [] }, 'Malformed'],
    ['a config without a digest', { ...image, config: { mediaType: types.ociConfig } }, 'Malformed'],
    ['a type that is not a text', { ...image, mediaType: {} }, 'Malformed'],
    ['too many entries', index(...Array.from({ length: 5000 }, () => entry(amd64))), 'TooMany'],
    ['depth', `{"manifests":${'['.repeat(500_000)}${']'.repeat(500_000)}}`, 'Malformed'],
    ['members only by inheritance', '{"__proto__":{"manifests":[]}}', 'NotAManifest'],
  ])('%s', (_title, body, code) => {
    expect(refusal(body)).toBe(code);
  });

  test('property: whatever the members are, it is a manifest or a ManifestError', () => {
    const keys = [
      'manifests',
      'layers',
      'config',
      'mediaType',
      'fsLayers',
      'platform',
      'digest',
      'artifactType',
      'x',
    ];
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom<unknown>(null, 1, -1.5, 'x', digest, types.ociIndex, true),
        fc.array(tie('tree'), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom(...keys), tie('tree')),
      ),
    }));
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...keys), tree), (body) => {
        expect(typeof refusal(body)).toBe('string');
      }),
    );
  });
});

describe('a config blob', () => {
  const config = (body: unknown) =>
    decodeConfig(Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)));

  test('names the platform', () => {
    const body = { ...amd64, variant: 'v3', 'os.version': '1', 'os.features': ['a'], config: {}, rootfs: {} };
    expect(config(body)).toEqual({
      isOperatorBundle: false,
      platform: { os: 'linux', architecture: 'amd64', variant: 'v3', osVersion: '1', osFeatures: ['a'] },
    });
  });

  test.each<unknown>([
    '',
    '<html>',
    '{}',
    '[]',
    'null',
    { os: 'linux' },
    { architecture: '' },
    { architecture: 5 },
  ])('%j names none', (body) => {
    expect(config(body)).toBeNull();
  });
});
