/** The least requests with which containerd's verdict can be known, by the registries' own access logs. */
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { multiArch, platform, single } from '../kit/registries/images.ts';
import { pod } from '../kit/fakes/pods.ts';
import { admit } from '../kit/pratique/admission.ts';
import type { Access } from '../kit/registries/docker-registry.ts';
import { inside } from '../kit/pratique/in-process.ts';
import { kinds, tagOf } from '../kit/registries/image-kinds.ts';
import { type NodeFiles, nodeFiles, type Sections } from './support/node-files.ts';
import { startServer } from '../kit/pratique/server.ts';
import {
  dockerConfig,
  plainStand,
  proxyStand,
  type Stand,
  tokenStand,
} from '../kit/registries/registry-fixtures.ts';

jest.setTimeout(60_000);
const cleanup = new AsyncDisposableStack();
afterAll(() => cleanup.disposeAsync());

const multi = multiArch(['linux/amd64', 'linux/arm64']);
const alone = single(platform('linux/amd64'));

/** A node that pulls `registry.test` from `stand`. */
async function nodeAt({ registry }: Stand, sections: Sections = {}): Promise<NodeFiles> {
  return cleanup.use(await nodeFiles({ 'registry.test': { server: registry.url } }, sections));
}

/** What the registry was asked for while `work` ran. */
async function asked({ registry }: Stand, work: () => Promise<unknown>): Promise<readonly string[]> {
  await registry.takeLog();
  await work();
  return (await registry.takeLog()).map(short);
}

/** `GET manifests/1 200`, digests without their digits. The servers of this node have other names than their registries. */
function short({ method, url, status }: Access): string {
  const what = url
    .replace(/^\/v2\/team\/\w+\//, '')
    .replace(/sha256:[0-9a-f]{64}/, 'DIGEST')
    .replace('?ns=registry.test', '');
  return `${method} ${what} ${status}`;
}

describe('an image that nobody asked for before', () => {
  let stand: Stand;
  let node: NodeFiles;
  let counting: NodeFiles;
  beforeAll(async () => {
    stand = cleanup.use(await plainStand());
    for (const kind of kinds) await stand.put('team/kinds', tagOf(kind), kind.image);
    node = await nodeAt(stand);
    counting = await nodeAt(stand, { registry: { headFirst: ['registry.test'] } });
  });

  test.each(kinds)('$name: HEAD, GET by digest, and $more for what the index leaves out', async (kind) => {
    await using inspector = inside(node);
    const log = await asked(stand, () => inspector.inspect(`registry.test/team/kinds:${tagOf(kind)}`));
    expect(log.slice(0, 2)).toEqual([`HEAD manifests/${tagOf(kind)} 200`, 'GET manifests/DIGEST 200']);
    expect(log.slice(2)).toHaveLength(kind.more);
    for (const line of log.slice(1)) expect(line).toMatch(/^GET (manifests|blobs)\/DIGEST 200$/);
  });

  test('where GETs are counted, HEAD comes first', async () => {
    await using inspector = inside(counting);
    const log = await asked(stand, () => inspector.inspect('registry.test/team/kinds:multi-arch-index'));
    expect(log).toEqual(['HEAD manifests/multi-arch-index 200', 'GET manifests/DIGEST 200']);
  });

  test('where GETs are counted, a second tag of the same digest costs no GET', async () => {
    await stand.put('team/kinds', 'again', kinds[0]?.image ?? multi);
    await using inspector = inside(counting);
    await inspector.inspect('registry.test/team/kinds:multi-arch-index');
    const log = await asked(stand, () => inspector.inspect('registry.test/team/kinds:again'));
    expect(log).toEqual(['HEAD manifests/again 200']);
  });
});

describe('an image that was asked for before', () => {
  let stand: Stand;
  beforeAll(async () => {
    stand = cleanup.use(await plainStand());
    await stand.put('team/app', '1', alone);
  });

  test('its tag is believed for a while, its digest for ever: nothing', async () => {
    await using inspector = inside(await nodeAt(stand));
    const { digest } = await inspector.inspect('registry.test/team/app:1');
    const log = await asked(stand, async () => {
      await inspector.inspect('registry.test/team/app:1');
      await inspector.inspect(`registry.test/team/app@${digest}`);
      await inspector.inspect(`registry.test/team/app:any@${digest}`);
    });
    expect(log).toEqual([]);
  });

  test('its tag is past its life and still the same: one HEAD', async () => {
    await using inspector = inside(await nodeAt(stand, { cache: { tagTTL: '0s' } }));
    await inspector.inspect('registry.test/team/app:1');
    const log = await asked(stand, () => inspector.inspect('registry.test/team/app:1'));
    expect(log).toEqual(['HEAD manifests/1 200']);
  });

  test('its tag has moved: one HEAD, then the new one by its digest', async () => {
    await using inspector = inside(await nodeAt(stand, { cache: { tagTTL: '0s' } }));
    await stand.put('team/moving', '1', alone);
    await inspector.inspect('registry.test/team/moving:1');
    await stand.put('team/moving', '1', multi);
    const log = await asked(stand, () => inspector.inspect('registry.test/team/moving:1'));
    expect(log).toEqual(['HEAD manifests/1 200', 'GET manifests/DIGEST 200']);
  });
});

describe('a registry with tokens', () => {
  test.each([
    ['for everybody', 'public'],
    ['for those who log in', 'secret'],
  ])('%s: a 401 and a token more, once', async (_, name) => {
    const stand = cleanup.use(await tokenStand(['team/secret']));
    await stand.put(`team/${name}`, '1', alone);
    await stand.put(`team/${name}`, '2', multi);
    const node = await nodeAt(stand, { credentials: { dockerConfig: 'docker.json' } });
    await node.write('docker.json', name === 'secret' ? dockerConfig(stand.registry.host) : '{}');
    await using inspector = inside(node);
    const before = stand.tokens.log.length;
    const cold = await asked(stand, () => inspector.inspect(`registry.test/team/${name}:1`));
    expect(cold).toEqual([
      'HEAD manifests/1 401',
      'HEAD manifests/1 200',
      'GET manifests/DIGEST 200',
      'GET blobs/DIGEST 200',
    ]);
    expect(stand.tokens.log.slice(before)).toHaveLength(1);
    const warm = await asked(stand, () => inspector.inspect(`registry.test/team/${name}:2`));
    expect(warm).toEqual(['HEAD manifests/2 200', 'GET manifests/DIGEST 200']);
    expect(stand.tokens.log.slice(before)).toHaveLength(1);
  });
});

describe('mirrors', () => {
  test('each is asked once, the upstream only for what they lack', async () => {
    const [mirror, upstream] = [cleanup.use(await plainStand()), cleanup.use(await plainStand())];
    await mirror.put('team/app', 'both', multi);
    await upstream.put('team/app', 'both', multi);
    await upstream.put('team/app', 'upstream', alone);
    const hosts = { server: upstream.registry.url, mirrors: [mirror.registry.url] };
    await using inspector = inside(cleanup.use(await nodeFiles({ 'registry.test': hosts })));
    await upstream.registry.takeLog();
    const atMirror = await asked(mirror, async () => {
      await inspector.inspect('registry.test/team/app:both');
      await inspector.inspect('registry.test/team/app:upstream');
    });
    // The blob is asked of the one that has just served the manifest.
    expect(atMirror).toEqual([
      'HEAD manifests/both 200',
      'GET manifests/DIGEST 200',
      'HEAD manifests/upstream 404',
    ]);
    expect((await upstream.registry.takeLog()).map(short)).toEqual([
      'HEAD manifests/upstream 200',
      'GET manifests/DIGEST 200',
      'GET blobs/DIGEST 200',
    ]);
  });

  test('a pull-through cache is asked for the index alone and fetches no platform for us', async () => {
    const stand = cleanup.use(await proxyStand());
    await stand.put('team/app', '1', multi);
    await using inspector = inside(await nodeAt(stand));
    const log = await asked(stand, () => inspector.inspect('registry.test/team/app:1'));
    expect(log).toEqual(['HEAD manifests/1 200', 'GET manifests/DIGEST 200']);
  });
});

test('fifty pods at once, and as many again: one resolution', async () => {
  const stand = cleanup.use(await plainStand());
  await stand.put('team/app', '1', alone);
  const server = cleanup.use(await startServer((await nodeAt(stand)).configuration));
  const log = await asked(stand, async () => {
    for (let round = 0; round < 2; round++) {
      const pods = Array.from({ length: 50 }, (_, n) =>
        pod(`web-${n}`).container('registry.test/team/app:1'),
      );
      const answers = await Promise.all(pods.map((each) => admit(server, '/mutate', each.build())));
      for (const { patch } of answers) {
        expect(patch[0]?.value).toBe(`registry.test/team/app:1@${alone.root.digest}`);
      }
    }
  });
  expect(log).toEqual(['HEAD manifests/1 200', 'GET manifests/DIGEST 200', 'GET blobs/DIGEST 200']);
});
