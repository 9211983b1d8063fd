/** Every telling kind of image, held by every kind of registry that people run: Debian's docker-registry as real processes. */
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { multiArch } from '../kit/registries/images.ts';
import { type InspectedJson, inspected } from '../kit/pratique/command.ts';
import { kinds, tagOf } from '../kit/registries/image-kinds.ts';
import { type NodeFiles, nodeFiles } from './support/node-files.ts';
import {
  dockerConfig,
  passwordStand,
  plainStand,
  proxyStand,
  type Stand,
  tokenStand,
} from '../kit/registries/registry-fixtures.ts';

jest.setTimeout(60_000);
const cleanup = new AsyncDisposableStack();
afterAll(() => cleanup.disposeAsync());

const repository = 'team/kinds';

/** A node that pulls `registry.test` from `stand`; `auth`: what its docker config says for the registry's host. */
async function nodeAt({ registry, ca }: Stand, auth: string | null): Promise<NodeFiles> {
  const node = cleanup.use(
    await nodeFiles(
      { 'registry.test': { server: registry.url } },
      {
        ...(ca !== '' && { registry: { caFiles: ['ca.pem'] } }),
        ...(auth !== null && { credentials: { dockerConfig: 'docker.json' } }),
      },
    ),
  );
  await node.write('ca.pem', ca);
  await node.write('docker.json', auth ?? '');
  return node;
}

const setups = [
  { name: 'plain', stand: plainStand, withLogin: false },
  { name: 'TLS by its own CA, with a password', stand: passwordStand, withLogin: true },
  { name: 'tokens for everybody', stand: () => tokenStand([]), withLogin: false },
  { name: 'tokens for those who log in', stand: () => tokenStand([repository]), withLogin: true },
  { name: 'a pull-through cache', stand: proxyStand, withLogin: false },
];

describe.each(setups)('a registry: $name', ({ stand: start, withLogin }) => {
  const digests = new Map<string, string>();
  const seen = new Map<string, InspectedJson>();

  beforeAll(async () => {
    const stand = cleanup.use(await start());
    for (const kind of kinds) {
      digests.set(kind.name, await stand.put(repository, tagOf(kind), kind.image));
    }
    const node = await nodeAt(stand, withLogin ? dockerConfig(stand.registry.host) : null);
    const images = kinds.map((kind) => `registry.test/${repository}:${tagOf(kind)}`);
    const results = await inspected(node.configuration, images);
    for (const [index, kind] of kinds.entries()) {
      const result = results[index];
      if (result) seen.set(kind.name, result);
    }
  });

  test.each(kinds)('$name', (kind) => {
    const { name, image, mediaType, platforms, result = 'available', reason = null, warnings = [] } = kind;
    expect(digests.get(name)).toBe(image.root.digest);
    expect(seen.get(name)).toMatchObject({
      result,
      reason,
      digest: digests.get(name),
      mediaType,
      size: image.root.body.length,
      platforms,
    });
    expect(seen.get(name)?.warnings.map(({ code }) => code)).toEqual(warnings);
  });
});

describe('registries that ask who is there', () => {
  const wrong = Buffer.from('pratique:wrong').toString('base64');

  test.each([
    ['a password, and none is given', passwordStand, null],
    ['a password, and a wrong one is given', passwordStand, wrong],
    ['tokens, and the repository is not for everybody', () => tokenStand([repository]), null],
    ['tokens, and the password is wrong', () => tokenStand([repository]), wrong],
  ])('%s: denied', async (_, start, auth) => {
    const stand = cleanup.use(await start());
    await stand.put(repository, '1', multiArch(['linux/amd64']));
    const node = await nodeAt(stand, auth === null ? null : dockerConfig(stand.registry.host, auth));
    const [result] = await inspected(node.configuration, [`registry.test/${repository}:1`]);
    expect(result).toMatchObject({ result: 'denied', digest: null, platforms: [] });
    expect(result?.message).toMatch(
      /does not exist, or (needs credentials|the credentials that were sent have no access)/,
    );
  });

  test('credentials belong to the physical host: those under the name in the image are not sent', async () => {
    const stand = cleanup.use(await tokenStand([repository]));
    await stand.put(repository, '1', multiArch(['linux/amd64']));
    const before = stand.tokens.log.length;
    const node = await nodeAt(stand, dockerConfig('registry.test'));
    const [result] = await inspected(node.configuration, [`registry.test/${repository}:1`]);
    expect(result?.result).toBe('denied');
    const asked = stand.tokens.log.slice(before);
    // One token for HEAD, and one for the GET that brings the registry's words.
    const token = { authorization: null, scope: `repository:${repository}:pull` };
    expect(asked.map(({ authorization, scope }) => ({ authorization, scope }))).toEqual([token, token]);
  });

  test('a CA that nobody was told of is an endpoint failure of its own class', async () => {
    const stand = cleanup.use(await passwordStand());
    const node = await nodeAt({ ...stand, ca: '' }, dockerConfig(stand.registry.host));
    const [result] = await inspected(node.configuration, [`registry.test/${repository}:1`]);
    expect(result).toMatchObject({ result: 'unavailable', endpoints: [{ result: 'tls', requests: 0 }] });
  });
});
