/** Pull secrets as pods bring them, from the text of the Secret to what the registry sees. */
import { describe, expect, test } from '@jest/globals';
import {
  credentialsFrom,
  type ResolvedCredentials,
} from '../../../../src/resolve/credentials/credentials.ts';
import type { PullSecret } from '../../../../src/resolve/credentials/pull-secrets.ts';
import type { Handler, Recorded } from '../../../kit/fakes/scripted-registry.ts';
import { asked, holding, multi } from './images.ts';
import { listOf, serving, stage } from './harness.ts';

const both = multi('amd64', 'arm64');
const has = holding({ tags: { '1': both } });
const anybody = { dockerConfig: [], nodeDockerConfig: [], execProviders: null, kubeletMatching: false };

/** Lets in who has one of these passwords. */
function guarded(...passwords: readonly string[]): Handler {
  return (request) => {
    if (passwords.includes(passwordIn(request) ?? '')) return has(request);
    return { status: 401, headers: { 'www-authenticate': 'Basic realm="test"' } };
  };
}

function passwordIn({ headers: { authorization } }: Recorded): string | null {
  const [, basic] = /^Basic (.+)$/.exec(authorization ?? '') ?? [];
  return basic === undefined ? null : Buffer.from(basic, 'base64').toString().replace('user:', '');
}

/** Keys of a docker config; the password of each is its own key. */
function secret(name: string, ...keys: readonly string[]): PullSecret {
  const auths = Object.fromEntries(keys.map((key) => [key, { username: 'user', password: key }]));
  return text(name, JSON.stringify({ auths }));
}

function text(name: string, config: string): PullSecret {
  return { name, type: 'kubernetes.io/dockerconfigjson', data: { '.dockerconfigjson': config } };
}

function holder(...pullSecrets: readonly PullSecret[]): ResolvedCredentials {
  return credentialsFrom(anybody)({ pullSecrets });
}

/** The passwords that the image's registry and a mirror before it see, each once, in order. */
async function shown(image: string, credentials: ResolvedCredentials): Promise<(readonly string[])[]> {
  const servers = [await serving(guarded()), await serving(guarded())];
  await stage(listOf(servers.map(({ origin }) => origin))).inspect(image, { credentials });
  return servers.map(({ requests }) => [
    ...new Set(requests.map(passwordIn).filter((password) => password !== null)),
  ]);
}

const hub = 'https://index.docker.io/v1/';

describe('case 27: keys of pull secrets, as the kubelet reads them', () => {
  test.each<[string, readonly string[], string, readonly string[]]>([
    ["Docker Hub's own name", [hub], 'nginx:1', [hub]],
    ['/v1 without its slash is a path', ['https://index.docker.io/v1'], 'nginx:1', []],
    ['a star is one label', ['*.io', '*'], 'nginx:1', ['*.io']],
    ['a star is not two labels', ['*.io'], 'a.b.io/team/app:1', []],
    ['a port is compared as text', ['registry.test:443'], 'registry.test/team/app:1', []],
    [
      'the same port',
      ['registry.test:443', 'registry.test'],
      'registry.test:443/team/app:1',
      ['registry.test:443'],
    ],
    [
      'a path is the beginning of a text',
      ['registry.test/ping'],
      'registry.test/pingz:1',
      ['registry.test/ping'],
    ],
    ['another path', ['registry.test/pong'], 'registry.test/ping:1', []],
    [
      'two that match: both are tried, the longer first',
      ['registry.test', 'registry.test/team', 'other.test'],
      'registry.test/team/app:1',
      ['registry.test/team', 'registry.test'],
    ],
  ])('%s: %j for %s', async (_what, keys, image, wanted) => {
    expect(await shown(image, holder(secret('pull', ...keys)))).toEqual([[], wanted]);
  });

  test('the order of the keys beats the order of the secrets', async () => {
    const credentials = holder(secret('first', 'registry.test'), secret('second', 'registry.test/team'));
    expect(await shown('registry.test/team/app:1', credentials)).toEqual([
      [],
      ['registry.test/team', 'registry.test'],
    ]);
  });

  test.each<[string, PullSecret]>([
    ['is not JSON', text('broken', '{"auths":')],
    ['has an entry that cannot be read', text('broken', '{"auths":{"registry.test":{"auth":"%"}}}')],
  ])('one that %s does not hide the others, with a warning', async (_what, malformed) => {
    const credentials = holder(malformed, secret('good', 'registry.test'));
    expect(await shown('registry.test/team/app:1', credentials)).toEqual([[], ['registry.test']]);
    expect(credentials.warnings).toMatchObject([{ code: 'MalformedPullSecret' }]);
    expect(credentials.warnings[0]?.message).toContain('pull secret "broken"');
  });
});

test('case 37: pods that hold the secret share one resolution; those without it, or with another, do not share it', async () => {
  const image = 'registry.test/team/app:1';
  const registry = await serving(async (request) => {
    const answer = await guarded('registry.test')(request);
    return { ...answer, delayMs: 50 };
  });
  const { inspect, peek } = stage(listOf([registry.origin]));
  const mine = secret('mine', 'registry.test');
  const resultsOf = async (credentials: ResolvedCredentials, pods: number): Promise<readonly string[]> => {
    const all = await Promise.all(Array.from({ length: pods }, () => inspect(image, { credentials })));
    return [...new Set(all.map(({ result }) => result))];
  };
  const [holders, copies, none, others] = await Promise.all([
    resultsOf(holder(mine), 25),
    // The same content under another name is the same secret.
    resultsOf(holder({ ...mine, name: 'copy' }), 25),
    resultsOf(holder(), 5),
    resultsOf(holder(secret('other', 'registry.test/team')), 5),
  ]);
  expect([holders, copies, none, others]).toEqual([['available'], ['available'], ['denied'], ['denied']]);
  // Refused and let in; refused; refused twice.
  expect(asked(registry.requests)).toHaveLength(5);
  expect(peek(image, holder(mine))?.result).toBe('available');
  expect(peek(image, holder())?.result).toBe('denied');
});
