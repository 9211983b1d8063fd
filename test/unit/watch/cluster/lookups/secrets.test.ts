import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { credentialsFrom } from '../../../../../src/resolve/credentials/credentials.ts';
import { ClusterCredentials } from '../../../../../src/watch/cluster/lookups/credentials.ts';
import {
  type ReadSecrets,
  type CredentialSource,
  SecretReader,
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
const shop = (pullSecrets: readonly string[], serviceAccount: string | null = null): CredentialSource => {
  return { namespace: 'shop', pullSecrets, serviceAccount };
};
const nothing = { secrets: [], absent: [], unreadable: [] };

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
  new SecretReader({ api: cluster.api, ttlMs: 60_000, timeoutMs, clock: () => now });
const put = (name: string, text = config('p')) =>
  cluster.objects.set(path(name), { body: secret(name, text) });
const kept = (name: string, text = config('p')) => ({
  namespace: 'shop',
  name,
  type,
  data: { '.dockerconfigjson': text },
});

describe("a workload's own secrets", () => {
  test('are returned in order with only the fields for pulling', async () => {
    put('b');
    put('a', config('other'));
    expect(await secrets().read(shop(['b', 'a']))).toEqual({
      ...nothing,
      secrets: [kept('b'), kept('a', config('other'))],
    });
    expect([...cluster.asked].sort()).toEqual([`GET ${path('a')}`, `GET ${path('b')}`]);
  });

  test('are read in parallel', async () => {
    const names = ['a', 'b', 'c'];
    const all = cluster.came(names.length);
    for (const name of names) {
      cluster.objects.set(
        path(name),
        all.then(() => ({ body: secret(name, config('p')) })),
      );
    }
    expect(await secrets().read(shop(names))).toMatchObject({ secrets: [{}, {}, {}], unreadable: [] });
  });

  test('are requested once for fifty pods, and not again while they are cached', async () => {
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

  test('replace those of the service account', async () => {
    put('a');
    await secrets().read(shop(['a'], 'robot'));
    expect(cluster.asked).toEqual([`GET ${path('a')}`]);
  });

  test('are cached as absent for five seconds', async () => {
    const source = secrets();
    expect(await source.read(shop(['a']))).toEqual({ ...nothing, absent: ['a'] });
    put('a');
    now = 4_999;
    expect(source.read(shop(['a']))).toEqual({ ...nothing, absent: ['a'] });
    now = 5_000;
    expect(await source.read(shop(['a']))).toEqual({ ...nothing, secrets: [kept('a')] });
  });

  test.each(['..', '.', 'a/b', '%2e%2e', 'A', '', 'x'.repeat(254), 'secrets?watch=true'])(
    'with the invalid name %j are not requested',
    async (name) => {
      expect(await secrets().read(shop([name]))).toEqual({ ...nothing, absent: [name] });
      expect(cluster.asked).toEqual([]);
    },
  );

  test('in a namespace with an invalid name are not requested', async () => {
    expect(await secrets().read({ ...shop(['a'], 'robot'), namespace: '../x' })).toEqual(nothing);
    expect(cluster.asked).toEqual([]);
  });

  test('beyond the limit are reported as unreadable', async () => {
    const names = Array.from({ length: 70 }, (_, n) => `s${n}`);
    const read = await secrets().read(shop(names));
    expect(cluster.asked).toHaveLength(64);
    expect(read.unreadable).toEqual([{ kind: 'pull secret', name: 's64', code: 'TooManyRequests' }]);
  });
});

describe('the secrets of a service account', () => {
  test('are used where the workload names none', async () => {
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
    ['its imagePullSecrets are not a list', { body: { imagePullSecrets: 'a' } }],
  ])('are empty if %s', async (_title, answer) => {
    cluster.objects.set(account, answer);
    expect(await secrets().read(shop([], 'robot'))).toEqual(nothing);
  });

  test('are unknown if it cannot be read', async () => {
    cluster.objects.set(account, { status: 403, body: { reason: 'Forbidden' } });
    expect(await secrets().read(shop([], 'robot'))).toEqual({
      ...nothing,
      unreadable: [{ kind: 'service account', name: 'robot', code: 'Forbidden' }],
    });
  });
});

describe('a secret that cannot be read is unknown, not absent', () => {
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
      unreadable: [{ kind: 'pull secret', name: 'a', code }],
    });
  });

  test('and is requested again after a second', async () => {
    cluster.objects.set(path('a'), { status: 403, body: {} });
    const source = secrets();
    await source.read(shop(['a']));
    put('a');
    now = 1_000;
    expect((await source.read(shop(['a']))).unreadable).toEqual([]);
  });
});

describe('the credentials', () => {
  const server = { dockerConfig: [], nodeDockerConfig: [], execProviders: null, kubeletMatching: false };
  const credentials = (source: SecretReader | null) =>
    new ClusterCredentials({ secrets: source, resolve: credentialsFrom(server) });

  test('remain the same object until a secret changes', async () => {
    put('a');
    const known = credentials(secrets());
    const before = await known.for(shop(['a']));
    expect(known.for(shop(['a']))).toBe(before);
    now = 60_000;
    expect(await known.for(shop(['a']))).toBe(before);
    put('a', config('new'));
    now = 120_000;
    expect(await known.for(shop(['a']))).not.toBe(before);
  });

  test.each<[string, string, string]>([
    ['secrets', 'a', JSON.stringify({ auths: {}, padding: 'x'.repeat(5_000_000) })],
    ['names', 'x'.repeat(5_000_000), '{}'],
  ])('with an endless %s are not cached', async (_title, name, text) => {
    put('a', text);
    const known = credentials(secrets());
    const before = await known.for(shop([name]));
    expect(await known.for(shop([name]))).not.toBe(before);
  });

  test('without any secrets are one object and cost no request', () => {
    const known = credentials(secrets());
    expect(known.for(shop([]))).toBe(known.for({ ...shop([]), namespace: 'other' }));
    expect(cluster.asked).toEqual([]);
  });

  test("are the server's own where pull secrets are disabled", () => {
    expect(credentials(null).for(shop(['a'], 'robot'))).toMatchObject({ names: [], unreadable: null });
    expect(cluster.asked).toEqual([]);
  });

  test('name what could not be read and that refusals are uncertain', async () => {
    cluster.objects.set(path('a'), { status: 403, body: {} });
    expect(await credentials(secrets()).for(shop(['a', 'gone']))).toMatchObject({
      names: ['gone'],
      absent: ['gone'],
      unreadable: 'pull secret "a" could not be read (Pratique has no right to)',
      warnings: [
        'pull secret "a" could not be read (Pratique has no right to); refusals that it might have prevented are reported as unavailable',
      ],
    });
  });

  test('name a secret that is too large and that refusals are uncertain', async () => {
    const keys = Array.from({ length: 1_001 }, (_, n) => [`r${n}.example`, {}] as const);
    put('a', JSON.stringify({ auths: Object.fromEntries(keys) }));
    const { names, unreadable, warnings } = await credentials(secrets()).for(shop(['a']));
    expect([names, unreadable]).toEqual([['a'], expect.stringContaining('"a" was not fully read')]);
    expect(warnings).toEqual([
      `${unreadable}; refusals that it might have prevented are reported as unavailable`,
    ]);
  });

  test('name malformed secrets, bounded and without their content', async () => {
    const names = Array.from({ length: 12 }, (_, n) => `s${n}`);
    for (const name of names) put(name, '{"auths": "hunter2"}');
    const { warnings, unreadable } = await credentials(secrets()).for(shop(names));
    expect(unreadable).toBeNull();
    expect(warnings).toHaveLength(9);
    expect(warnings[0]).toContain('pull secret "s0": .dockerconfigjson: auths is not an object');
    expect(warnings.at(-1)).toBe('and 4 more such warnings');
    expect(warnings.join('')).not.toContain('hunter2');
  });
});

test('an error does not contain the content of a secret', async () => {
  cluster.objects.set(path('a'), { status: 500, body: { kind: 'Status', message: config('hunter2') } });
  const read: ReadSecrets = await secrets().read(shop(['a']));
  expect(JSON.stringify(read)).not.toContain('hunter2');
});
