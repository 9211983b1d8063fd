import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { credentialsFrom } from '../../../../../src/resolve/credentials/credentials.ts';
import { ClusterCredentials } from '../../../../../src/watch/cluster/lookups/credentials.ts';
import {
  type ReadSecrets,
  type SecretNames,
  Secrets,
} from '../../../../../src/watch/cluster/lookups/secrets.ts';
import { type ScriptedApi, scriptedApi } from '../scripted-api.ts';

const type = 'kubernetes.io/dockerconfigjson';
const config = (password: string): string =>
  JSON.stringify({ auths: { 'corp.example': { username: 'robot', password } } });
const secret = (name: string, text: string) => ({
  metadata: { name, namespace: 'shop' },
  type,
  data: { '.dockerconfigjson': Buffer.from(text).toString('base64'), more: 'eA==' },
});
const path = (name: string) => `/api/v1/namespaces/shop/secrets/${name}`;
const account = '/api/v1/namespaces/shop/serviceaccounts/robot';
const shop = (pullSecrets: readonly string[], serviceAccount: string | null = null): SecretNames => {
  return { namespace: 'shop', pullSecrets, serviceAccount };
};
const nothing = { secrets: [], absent: [], unread: [] };

let cluster: ScriptedApi;
let now = 0;
beforeEach(async () => {
  now = 0;
  cluster = await scriptedApi();
});
afterEach(async () => {
  await cluster[Symbol.asyncDispose]();
});

const secrets = (timeoutMs = 5_000) =>
  new Secrets({ api: cluster.api, ttlMs: 60_000, timeoutMs, clock: () => now });
const put = (name: string, text = config('p')) =>
  cluster.objects.set(path(name), { body: secret(name, text) });
const kept = (name: string, text = config('p')) => ({ name, type, data: { '.dockerconfigjson': text } });

describe("a workload's own secrets", () => {
  test('are read in their order, and only what concerns pulling is kept', async () => {
    put('b');
    put('a', config('other'));
    expect(await secrets().read(shop(['b', 'a']))).toEqual({
      ...nothing,
      secrets: [kept('b'), kept('a', config('other'))],
    });
    expect([...cluster.asked].sort()).toEqual([`GET ${path('a')}`, `GET ${path('b')}`]);
  });

  test('are read in parallel: each is answered only when all were asked for', async () => {
    const names = ['a', 'b', 'c'];
    const all = cluster.came(names.length);
    for (const name of names) {
      cluster.objects.set(
        path(name),
        all.then(() => ({ body: secret(name, config('p')) })),
      );
    }
    expect(await secrets().read(shop(names))).toMatchObject({ secrets: [{}, {}, {}], unread: [] });
  });

  test('are asked for once by fifty pods, and not again while they are kept', async () => {
    put('a');
    const source = secrets();
    const read = await Promise.all(
      Array.from({ length: 50 }, () => Promise.resolve(source.read(shop(['a'])))),
    );
    expect(read.every((each) => each.secrets.length === 1)).toBe(true);
    expect(source.read(shop(['a']))).not.toBeInstanceOf(Promise);
    expect(cluster.asked).toHaveLength(1);
    now = 60_000;
    await source.read(shop(['a']));
    expect(cluster.asked).toHaveLength(2);
  });

  test('count instead of those of the service account', async () => {
    put('a');
    await secrets().read(shop(['a'], 'robot'));
    expect(cluster.asked).toEqual([`GET ${path('a')}`]);
  });

  test('that are not there are passed over for five seconds', async () => {
    const source = secrets();
    expect(await source.read(shop(['a']))).toEqual({ ...nothing, absent: ['a'] });
    put('a');
    now = 4_999;
    expect(source.read(shop(['a']))).toEqual({ ...nothing, absent: ['a'] });
    now = 5_000;
    expect(await source.read(shop(['a']))).toEqual({ ...nothing, secrets: [kept('a')] });
  });

  test.each(['..', '.', 'a/b', '%2e%2e', 'A', '', 'x'.repeat(254), 'secrets?watch=true'])(
    'of the impossible name %j are not even asked for',
    async (name) => {
      expect(await secrets().read(shop([name]))).toEqual({ ...nothing, absent: [name] });
      expect(cluster.asked).toEqual([]);
    },
  );

  test('of a namespace that can be none are not asked for', async () => {
    expect(await secrets().read({ ...shop(['a'], 'robot'), namespace: '../x' })).toEqual(nothing);
    expect(cluster.asked).toEqual([]);
  });

  test('are too many from a certain number on, and then not all of them are known', async () => {
    const names = Array.from({ length: 70 }, (_, n) => `s${n}`);
    const read = await secrets().read(shop(names));
    expect(cluster.asked).toHaveLength(64);
    expect(read.unread).toEqual([{ kind: 'pull secret', name: 's64', code: 'TooManyRequests' }]);
  });
});

describe('the secrets of a service account', () => {
  test('count where the workload has none', async () => {
    put('a');
    cluster.objects.set(account, { body: { imagePullSecrets: [{ name: 'a' }] } });
    const source = secrets();
    expect(await source.read(shop([], 'robot'))).toEqual({ ...nothing, secrets: [kept('a')] });
    expect(source.read(shop([], 'robot'))).not.toBeInstanceOf(Promise);
    expect(cluster.asked).toEqual([`GET ${account}`, `GET ${path('a')}`]);
  });

  test.each([
    ['it has none', { body: { imagePullSecrets: [] } }],
    ['it is not there', { status: 404, body: {} }],
    ['what it has is no list', { body: { imagePullSecrets: 'a' } }],
  ])('are none where %s', async (_title, answer) => {
    cluster.objects.set(account, answer);
    expect(await secrets().read(shop([], 'robot'))).toEqual(nothing);
  });

  test('are not known where it cannot be read', async () => {
    cluster.objects.set(account, { status: 403, body: { reason: 'Forbidden' } });
    expect(await secrets().read(shop([], 'robot'))).toEqual({
      ...nothing,
      unread: [{ kind: 'service account', name: 'robot', code: 'Forbidden' }],
    });
  });
});

describe('a secret that cannot be read is not absent', () => {
  test.each([
    ['Forbidden', { status: 403, body: { kind: 'Status', reason: 'Forbidden' } }],
    ['Server', { status: 500, body: { kind: 'Status' } }],
    ['Malformed', { body: 'no JSON' }],
    ['Malformed', { body: { kind: 'Secret' } }],
    ['Timeout', { fault: 'silence' }],
    ['Unreachable', { fault: 'reset' }],
  ] as const)('%s', async (code, answer) => {
    cluster.objects.set(path('a'), answer);
    put('b');
    expect(await secrets(500).read(shop(['a', 'b']))).toEqual({
      secrets: [kept('b')],
      absent: [],
      unread: [{ kind: 'pull secret', name: 'a', code }],
    });
  });

  test('and is tried again after a second', async () => {
    cluster.objects.set(path('a'), { status: 403, body: {} });
    const source = secrets();
    await source.read(shop(['a']));
    put('a');
    now = 1_000;
    expect((await source.read(shop(['a']))).unread).toEqual([]);
  });
});

describe('the credentials', () => {
  const server = { dockerConfig: [], nodeDockerConfig: [], execProviders: null, kubeletMatching: false };
  const credentials = (source: Secrets | null) =>
    new ClusterCredentials({ secrets: source, resolve: credentialsFrom(server) });

  test('stay the same object while nothing changed, and are others when the secret is', async () => {
    put('a');
    const known = credentials(secrets());
    const before = await known.of(shop(['a']));
    expect(known.of(shop(['a']))).toBe(before);
    now = 60_000;
    expect(await known.of(shop(['a']))).toBe(before);
    put('a', config('new'));
    now = 120_000;
    expect(await known.of(shop(['a']))).not.toBe(before);
  });

  test.each<[string, string, string]>([
    ['secrets', 'a', JSON.stringify({ auths: {}, padding: 'x'.repeat(5_000_000) })],
    ['names', 'x'.repeat(5_000_000), '{}'],
  ])('of %s without end are not kept', async (_title, name, text) => {
    put('a', text);
    const known = credentials(secrets());
    const before = await known.of(shop([name]));
    expect(await known.of(shop([name]))).not.toBe(before);
  });

  test('of nobody are one object, and cost no question', () => {
    const known = credentials(secrets());
    expect(known.of(shop([]))).toBe(known.of({ ...shop([]), namespace: 'other' }));
    expect(cluster.asked).toEqual([]);
  });

  test('are those of the server alone where pull secrets are switched off', () => {
    expect(credentials(null).of(shop(['a'], 'robot'))).toMatchObject({ names: [], unread: null });
    expect(cluster.asked).toEqual([]);
  });

  test('tell what could not be read, and that it makes refusals uncertain', async () => {
    cluster.objects.set(path('a'), { status: 403, body: {} });
    expect(await credentials(secrets()).of(shop(['a', 'gone']))).toMatchObject({
      names: ['gone'],
      absent: ['gone'],
      unread: 'pull secret "a" could not be read (Pratique has no right to)',
      warnings: [
        'pull secret "a" could not be read (Pratique has no right to): what is refused without it counts as unknown',
      ],
    });
  });

  test('tell what is too large to be read whole, which makes refusals uncertain as well', async () => {
    const keys = Array.from({ length: 1_001 }, (_, n) => [`r${n}.example`, {}] as const);
    put('a', JSON.stringify({ auths: Object.fromEntries(keys) }));
    const { names, unread, warnings } = await credentials(secrets()).of(shop(['a']));
    expect([names, unread]).toEqual([['a'], expect.stringContaining('"a" is not read whole')]);
    expect(warnings).toEqual([`${unread}: what is refused without it counts as unknown`]);
  });

  test('tell what is malformed, bounded, and nothing of what is in it', async () => {
    const names = Array.from({ length: 12 }, (_, n) => `s${n}`);
    for (const name of names) put(name, '{"auths": "hunter2"}');
    const { warnings, unread } = await credentials(secrets()).of(shop(names));
    expect(unread).toBeNull();
    expect(warnings).toHaveLength(9);
    expect(warnings[0]).toContain('pull secret "s0": .dockerconfigjson: auths is no object');
    expect(warnings.at(-1)).toBe('and 4 more such warnings');
    expect(warnings.join('')).not.toContain('hunter2');
  });
});

test('what is read shows nothing of it in an error', async () => {
  cluster.objects.set(path('a'), { status: 500, body: { kind: 'Status', message: config('hunter2') } });
  const read: ReadSecrets = await secrets().read(shop(['a']));
  expect(JSON.stringify(read)).not.toContain('hunter2');
});
