import { describe, expect, test } from '@jest/globals';
import type { Handler } from '../../../kit/fakes/scripted-registry.ts';
import * as types from '../../../../src/resolve/manifest/media-types.ts';
import type { Inspection } from '../../../../src/resolve/inspection/inspection.ts';
import {
  absent,
  asked,
  type Content,
  content,
  descriptor,
  holding,
  image,
  index,
  multi,
  serve,
  target,
} from './images.ts';
import { pair, platformsOf, results } from './harness.ts';

const name = 'registry.test/team/app:1';
const nothing: Handler = () => absent;

/** Both endpoints hold `root` as tag 1 and the `objects`, by default all that it refers to. */
async function inspectAt(root: Content, objects?: readonly Content[]): Promise<Inspection> {
  const holdings = holding(objects ? { tags: { '1': root }, objects } : { tags: { '1': root } });
  const { inspect } = await pair(holdings, holdings);
  return await inspect(name);
}

const unknown = { platform: { os: 'unknown', architecture: 'unknown' } };
const linux = (architecture: string, variant?: string) => ({
  platform: { os: 'linux', architecture, ...(variant === undefined ? {} : { variant }) },
});
const nested = index([{ content: multi('amd64', 'arm64'), more: {} }]);
const deep = [1, 2, 3, 4].reduce((inner) => index([{ content: inner }]), multi('amd64'));
const oddChild = content('application/vnd.example.thing', 'not JSON at all');

describe('case 31: indexes', () => {
  test.each<[string, Content, readonly string[], readonly string[]]>([
    ['only attestations', index([{ content: image('amd64'), more: unknown }]), [], []],
    ['empty', index([]), [], []],
    [
      'an entry without platform: its config tells',
      index([{ content: image('arm64') }]),
      ['linux/arm64'],
      [],
    ],
    ['nested', nested, ['linux/amd64', 'linux/arm64'], []],
    ['nested too deep', deep, [], ['PlatformUnknown']],
    [
      'duplicates, of different spelling too',
      index([
        { content: image('arm64'), more: linux('arm64', 'v8') },
        { content: image('x'), more: linux('aarch64') },
        { content: image('amd64'), more: linux('amd64') },
      ]),
      ['linux/arm64', 'linux/amd64'],
      [],
    ],
    [
      'an unknown child type beside a known one',
      index([{ content: oddChild }, { content: image('amd64'), more: linux('amd64') }]),
      ['linux/amd64'],
      ['PlatformUnknown'],
    ],
    [
      'an annotated attestation beside an image',
      index([
        { content: image('amd64'), more: linux('amd64') },
        {
          content: image('y'),
          more: { ...linux('riscv64'), annotations: { 'vnd.docker.reference.type': 'attestation-manifest' } },
        },
      ]),
      ['linux/amd64'],
      [],
    ],
  ])('%s', async (_what, root, platforms, warnings) => {
    const inspection = await inspectAt(root);
    expect(inspection).toMatchObject({ result: 'available', kind: 'index', digest: root.digest });
    expect(platformsOf(inspection)).toEqual(platforms);
    expect(inspection.warnings.map(({ code }) => code)).toEqual(warnings);
    expect(inspection.platformsComplete).toBe(warnings.length === 0);
  });

  test('children with a platform are not fetched, and raw platforms stay as written', async () => {
    const { inspect, mirror } = await pair(holding({ tags: { '1': multi('arm64/v8', 'amd64') } }), nothing);
    const inspection = await inspect(name);
    expect(mirror.requests).toHaveLength(1);
    expect(inspection.rawPlatforms.map(({ variant }) => variant)).toEqual(['v8', '']);
    expect(platformsOf(inspection)).toEqual(['linux/arm64', 'linux/amd64']);
  });

  test('an index decides, whatever the config of its child says', async () => {
    const root = index([{ content: image('amd64'), more: linux('arm64') }]);
    expect(platformsOf(await inspectAt(root))).toEqual(['linux/arm64']);
  });

  test('a child that is nowhere is not a platform, with a warning, and is looked for again later', async () => {
    const child = image('arm64');
    const root = index([{ content: image('amd64'), more: linux('amd64') }, { content: child }]);
    const { inspect, mirror, advance } = await pair(holding({ tags: { '1': root }, objects: [] }), nothing);
    const inspection = await inspect(name);
    expect(platformsOf(inspection)).toEqual(['linux/amd64']);
    expect(inspection.warnings).toMatchObject([{ code: 'PlatformUnknown' }]);
    mirror.handle(holding({ tags: { '1': root } }));
    advance(60_000);
    expect(platformsOf(await inspect(name))).toEqual(['linux/amd64', 'linux/arm64']);
  });

  test('a child that only the upstream has is fetched there, and its config first where it was found', async () => {
    const child = image('arm64');
    const root = index([{ content: child }]);
    const { inspect, mirror, upstream } = await pair(
      holding({ tags: { '1': root }, objects: [root] }),
      holding({ tags: { '1': root } }),
    );
    expect(platformsOf(await inspect(name))).toEqual(['linux/arm64']);
    expect(asked(mirror.requests)).toEqual(['GET manifests/1', `GET manifests/${child.digest}`]);
    expect(asked(upstream.requests)).toEqual([
      `GET manifests/${child.digest}`,
      `GET blobs/${child.parts[0]?.digest}`,
    ]);
  });
});

describe('single manifests', () => {
  test('case 30: the mirror has one platform, the upstream the whole index: both are shown, and the mirror counts', async () => {
    const single = image('amd64');
    const whole = multi('amd64', 'arm64');
    const { inspect } = await pair(holding({ tags: { '1': single } }), holding({ tags: { '1': whole } }));
    expect(platformsOf(await inspect(name))).toEqual(['linux/amd64']);
    const compared = await inspect(name, { allEndpoints: true });
    expect(compared.attempts.map(({ platforms }) => platforms?.length)).toEqual([1, 2]);
    expect(compared.warnings).toMatchObject([{ code: 'MirrorsInconsistent' }]);
    expect(platformsOf(compared)).toEqual(['linux/amd64']);
  });

  test('case 32: the config blob tells the architecture', async () => {
    expect(platformsOf(await inspectAt(image('s390x')))).toEqual(['linux/s390x']);
  });

  test.each<[string, Content]>([
    [
      'over the cap',
      content(types.ociConfig, { architecture: 'amd64', os: 'linux', x: 'x'.repeat(65 * 1024) }),
    ],
    ['not JSON', content(types.ociConfig, 'architecture: amd64')],
    ['without an architecture', content(types.ociConfig, { os: 'linux' })],
    ['null', content(types.ociConfig, null)],
  ])('case 33: a config blob %s: available, platform unknown', async (_what, config) => {
    const inspection = await inspectAt(image('amd64', config));
    expect(inspection).toMatchObject({ result: 'available', kind: 'image', platforms: [] });
    expect(inspection.warnings).toMatchObject([{ code: 'PlatformUnknown' }]);
  });

  test('case 33: a config blob larger than its descriptor says is read up to the cap only', async () => {
    const config = content(types.ociConfig, { architecture: 'amd64', x: 'x'.repeat(65 * 1024) });
    const manifest = { schemaVersion: 2, config: descriptor(config, { size: 10 }), layers: [] };
    const inspection = await inspectAt(content(types.ociManifest, manifest, [config]));
    expect(inspection).toMatchObject({ result: 'available', warnings: [{ code: 'PlatformUnknown' }] });
  });

  test('case 33: a config blob that the mirror lacks is asked of the upstream', async () => {
    const single = image('arm64');
    const { inspect, mirror, upstream } = await pair(
      holding({ tags: { '1': single }, objects: [single] }),
      holding({ tags: { '1': single } }),
    );
    const inspection = await inspect(name);
    expect(platformsOf(inspection)).toEqual(['linux/arm64']);
    expect(inspection.endpoint).toBe(`${mirror.origin}/v2`);
    expect(asked(upstream.requests)).toEqual([`GET blobs/${single.parts[0]?.digest}`]);
  });

  test('case 33: a config blob that is nowhere: not found, and the message names the blob', async () => {
    const single = image('arm64');
    const inspection = await inspectAt(single, [single]);
    expect(inspection).toMatchObject({ result: 'not-found', digest: null });
    expect(inspection.message).toContain(`config blob ${single.parts[0]?.digest}`);
    expect(results(inspection)).toBe('not-found, not-found');
  });

  test('case 33: a config blob that could not be read is unknown, not missing', async () => {
    const single = image('arm64');
    const { inspect } = await pair(({ url }) => {
      const [kind] = target(url);
      return kind === 'blobs' ? { status: 503 } : serve(single);
    }, nothing);
    const inspection = await inspect(name);
    expect(inspection.result).toBe('unavailable');
    expect(inspection.message).toContain(`config blob ${single.parts[0]?.digest}`);
  });
});

describe('what is not an image for a container', () => {
  test('case 35: schema 1 is available with its platform; the verdict is for others to give', async () => {
    const body = {
      schemaVersion: 1,
      name: 'team/app',
      tag: '1',
      architecture: 'arm',
      fsLayers: [],
      history: [],
    };
    const inspection = await inspectAt(content(types.schema1, body));
    expect(inspection).toMatchObject({ result: 'available', kind: 'schema1', mediaType: types.schema1 });
    expect(platformsOf(inspection)).toEqual(['linux/arm/v7']);
  });

  test('an artifact has no platforms, and its config is not fetched', async () => {
    const config = content('application/vnd.example.config.v1+json', {});
    const manifest = { schemaVersion: 2, config: descriptor(config), layers: [] };
    const { inspect, mirror } = await pair(
      holding({ tags: { '1': content(types.ociManifest, manifest) } }),
      nothing,
    );
    expect(await inspect(name)).toMatchObject({ result: 'available', kind: 'artifact', platforms: [] });
    expect(mirror.requests).toHaveLength(1);
  });
});
