import { describe, expect, test } from '@jest/globals';
import type { Credential } from '../../../../src/resolve/credentials/credential.ts';
import {
  type CallerCredentials,
  type CredentialProviders,
  credentialsFrom,
  type ServerCredentials,
} from '../../../../src/resolve/credentials/credentials.ts';
import type { DockerEntry, KeyedEntry } from '../../../../src/resolve/credentials/docker-config.ts';
import type { PullSecret } from '../../../../src/resolve/credentials/pull-secrets.ts';
import { defaultEndpoint } from '../../../../src/resolve/endpoints/default.ts';
import type { Endpoint } from '../../../../src/resolve/endpoints/endpoint.ts';
import { parseReference } from '../../../../src/resolve/reference/parse.ts';

const nothing: ServerCredentials = {
  dockerConfig: [],
  nodeDockerConfig: [],
  execProviders: null,
  kubeletMatching: false,
};
const signal = new AbortController().signal;

function keyed(key: string, username: string, more: Partial<DockerEntry> = {}): KeyedEntry {
  return [key, { username, password: 'p', email: '', identityToken: '', registryToken: '', ...more }];
}

function secret(key: string, username: string): PullSecret {
  const text = JSON.stringify({ auths: { [key]: { username, password: 'p' } } });
  return { name: 's', type: 'kubernetes.io/dockerconfigjson', data: { '.dockerconfigjson': text } };
}

function mirror(url: string, image: string, more: Partial<Endpoint> = {}): Endpoint {
  return { ...defaultEndpoint(parseReference(image)), url, role: 'mirror', ...more };
}

function provider(entries: readonly KeyedEntry[]): CredentialProviders {
  return { entries: () => Promise.resolve({ entries, problems: [] }) };
}

async function candidates(
  image: string,
  {
    server = {},
    caller = {},
    endpoint,
  }: { server?: Partial<ServerCredentials>; caller?: CallerCredentials; endpoint?: Endpoint },
): Promise<readonly Credential[]> {
  const reference = parseReference(image);
  const credentials = credentialsFrom({ ...nothing, ...server })(caller);
  const found = await credentials.candidates(
    reference,
    endpoint ?? defaultEndpoint(reference),
    'every-endpoint',
    signal,
  );
  return found.map((credential) => {
    const { source, ...rest } = credential;
    return source === undefined ? credential : rest;
  });
}

async function users(...given: Parameters<typeof candidates>): Promise<string[]> {
  return (await candidates(...given)).map(({ username }) => username);
}

describe('what is keyed by image', () => {
  const image = 'corp.example/team/app:1';
  const caller = {
    pullSecrets: [secret('corp.example', 'pod')],
    explicit: { username: 'header', password: 'p' },
  };
  const server = {
    nodeDockerConfig: [keyed('corp.example', 'node')],
    execProviders: provider([keyed('*.example', 'exec')]),
  };

  test("goes to the image's own registry, the caller's before the node's", async () => {
    expect(await users(image, { caller, server })).toEqual(['header', 'pod', 'node', 'exec']);
  });

  test('goes to what the configuration puts in the place of the registry', async () => {
    const endpoint = mirror('https://other.example/v2', image, { role: 'upstream' });
    expect(await users(image, { caller, server, endpoint })).toEqual(['header', 'pod', 'node', 'exec']);
  });

  test('never goes to a mirror', async () => {
    const endpoint = mirror('https://mirror.example/v2', image);
    expect(await users(image, { caller, server, endpoint })).toEqual([]);
  });

  test('goes to mirrors only where the nodes are to be copied in that too', async () => {
    const endpoint = mirror('https://mirror.example/v2', image);
    const given = { caller, server: { ...server, kubeletMatching: true }, endpoint };
    expect(await users(image, given)).toEqual(['pod', 'node', 'exec']);
  });

  test('a password without a user is nothing that a node would offer', async () => {
    const server = { kubeletMatching: true, nodeDockerConfig: [keyed('corp.example', '')] };
    const endpoint = mirror('https://mirror.example/v2', image);
    expect(await candidates(image, { server, endpoint })).toEqual([]);
  });

  test('a token that the caller gives goes to the registry as it is, also where the nodes are copied', async () => {
    const server = { kubeletMatching: true };
    const explicit = { username: '', password: '', registryToken: 'token' };
    expect(await candidates(image, { server, caller: { explicit } })).toEqual([explicit]);
  });

  test('goes to a mirror entry that names the registry itself, but not in plain text', async () => {
    const caller = { pullSecrets: [secret('https://index.docker.io/v1/', 'hub')] };
    const over = (url: string) => users('nginx', { caller, endpoint: mirror(url, 'nginx') });
    expect(await over('https://registry-1.docker.io/v2')).toEqual(['hub']);
    expect(await over('http://registry-1.docker.io/v2')).toEqual([]);
    expect(await over('https://registry-1.docker.io.evil.example/v2')).toEqual([]);
  });

  test('providers are not even asked for a mirror', async () => {
    const execProviders: CredentialProviders = {
      entries: () => Promise.reject(new Error('asked')),
    };
    const endpoint = mirror('https://mirror.example/v2', image);
    expect(await users(image, { server: { execProviders }, endpoint })).toEqual([]);
    await expect(users(image, { server: { execProviders } })).rejects.toThrow('asked');
  });

  test('is user and password only, as for the kubelet', async () => {
    const server = {
      nodeDockerConfig: [keyed('corp.example', 'node', { identityToken: 'i', registryToken: 'r' })],
    };
    expect(await candidates(image, { server })).toEqual([{ username: 'node', password: 'p' }]);
  });
});

describe('what is keyed by host', () => {
  test('goes to the mirror of that name, whatever the image', async () => {
    const server = { dockerConfig: [keyed('mirror.example:5000', 'm'), keyed('docker.io', 'hub')] };
    const endpoint = mirror('https://mirror.example:5000/v2', 'nginx');
    expect(await users('nginx', { server, endpoint })).toEqual(['m']);
    expect(await users('nginx', { server })).toEqual(['hub']);
  });

  test.each([
    ['mirror.example', 'https://mirror.example/v2'],
    ['mirror.example:443', 'https://mirror.example/v2'],
    ['https://mirror.example', 'https://mirror.example:443/v2'],
    ['mirror.example:80', 'http://mirror.example/v2'],
    ['*.example', 'https://mirror.example/v2'],
    ['mirror.example/library', 'https://mirror.example/v2'],
  ])('%s is a key for %s', async (key, url) => {
    expect(
      await users('nginx', { server: { dockerConfig: [keyed(key, 'm')] }, endpoint: mirror(url, 'nginx') }),
    ).toEqual(['m']);
  });

  test.each([
    ['mirror.example:443', 'http://mirror.example/v2'],
    ['mirror.example', 'https://mirror.example:5000/v2'],
    ['mirror.example/team', 'https://mirror.example/v2'],
    ['docker.io', 'https://mirror.example/v2'],
  ])('%s is none for %s', async (key, url) => {
    expect(
      await users('nginx', { server: { dockerConfig: [keyed(key, 'm')] }, endpoint: mirror(url, 'nginx') }),
    ).toEqual([]);
  });

  test.each(['https://index.docker.io/v1/', 'docker.io', 'registry-1.docker.io'])(
    '%s means Docker Hub',
    async (key) => {
      expect(await users('nginx', { server: { dockerConfig: [keyed(key, 'hub')] } })).toEqual(['hub']);
    },
  );

  test("keeps docker's tokens", async () => {
    const server = { dockerConfig: [keyed('docker.io', '', { identityToken: 'i', password: '' })] };
    expect(await candidates('nginx', { server })).toEqual([
      { username: '', password: '', identityToken: 'i' },
    ]);
  });
});

test('what the mirror configuration gives for an endpoint comes first, and nothing is tried twice', async () => {
  const own = { username: 'mirrors', password: 'p' };
  const endpoint = mirror('https://mirror.example/v2', 'nginx', { credential: own });
  const server = { dockerConfig: [keyed('mirror.example', 'mirrors'), keyed('*.example', 'other')] };
  expect(await users('nginx', { server, endpoint })).toEqual(['mirrors', 'other']);
});

test('an empty entry is not a credential', async () => {
  expect(
    await candidates('nginx', { server: { dockerConfig: [keyed('docker.io', '', { password: '' })] } }),
  ).toEqual([]);
});

describe('the id', () => {
  const server = credentialsFrom({ ...nothing, dockerConfig: [keyed('docker.io', 'hub')] });
  const corp = secret('corp.example', 'pod');

  test("is empty for a caller that brings nothing: the server's credentials are everybody's", () => {
    expect(server().id).toBe('');
    expect(server({ pullSecrets: [] }).id).toBe('');
  });

  test('is the same for the same content only, and shows none of it', () => {
    const { id } = server({ pullSecrets: [corp] });
    expect(id).toMatch(/^[0-9a-f]{64}$/);
    expect(server({ pullSecrets: [{ ...corp, name: 'other' }] }).id).toBe(id);
    expect(server({ pullSecrets: [secret('corp.example', 'someone else')] }).id).not.toBe(id);
    expect(server({ explicit: { username: 'pod', password: 'p' } }).id).not.toBe(id);
  });

  test('for an image stands only for what concerns it, and the candidates stay', async () => {
    const credentials = server({ pullSecrets: [corp, secret('quay.io/a', 'q')] });
    const nginx = parseReference('nginx');
    const app = parseReference('corp.example/app');
    expect(credentials.forReference(nginx).id).toBe('');
    expect(credentials.forReference(app).id).toBe(server({ pullSecrets: [corp] }).forReference(app).id);
    const found = await credentials
      .forReference(app)
      .candidates(app, defaultEndpoint(app), 'every-endpoint', signal);
    expect(found).toMatchObject([{ username: 'pod', password: 'p' }]);
  });

  test('is worked out once for each repository, whatever the tag', () => {
    const credentials = server({ pullSecrets: [corp] });
    const first = credentials.forReference(parseReference('corp.example/app:1'));
    expect(credentials.forReference(parseReference('corp.example/app:2'))).toBe(first);
    expect(credentials.forReference(parseReference('corp.example/other:1'))).not.toBe(first);
    expect(server().forReference(parseReference('a'))).toEqual(
      expect.objectContaining({ id: '', candidates: expect.any(Function) }),
    );
  });

  test('is right for more repositories than are remembered', () => {
    const credentials = server({ pullSecrets: [corp] });
    const ids = Array.from({ length: 1_200 }, (_, n) => {
      const host = n % 2 === 0 ? 'corp.example' : 'other.example';
      return credentials.forReference(parseReference(`${host}/app-${n}`)).id === '' ? 'other' : 'corp';
    });
    expect(ids.every((id, n) => id === (n % 2 === 0 ? 'corp' : 'other'))).toBe(true);
  });
});

describe('an isolated caller', () => {
  const image = 'corp.example/team/app:1';
  const explicit = { username: 'header', password: 'p' };
  const server = {
    dockerConfig: [keyed('corp.example', 'ours'), keyed('mirror.example', 'mirror')],
    nodeDockerConfig: [keyed('corp.example', 'node')],
    execProviders: provider([keyed('*.example', 'exec')]),
  };
  const upstream = mirror('https://corp.example/v2', image, {
    role: 'upstream',
    credential: { username: 'configured', password: 'p' },
  });

  test("has nothing of Pratique's for the image's own registry", async () => {
    expect(await users(image, { caller: { isolated: true }, server })).toEqual([]);
    expect(await users(image, { caller: { isolated: true }, server, endpoint: upstream })).toEqual([]);
    expect(await users(image, { caller: { isolated: true, explicit }, server, endpoint: upstream })).toEqual([
      'header',
    ]);
  });

  test("has what Pratique has for mirrors, and its own credential goes to none, whatever the nodes' way", async () => {
    const endpoint = mirror('https://mirror.example/v2', image);
    const caller = { isolated: true, explicit };
    expect(await users(image, { caller, server, endpoint })).toEqual(['mirror']);
    const nodesWay = { ...server, kubeletMatching: true };
    expect(await users(image, { caller, server: nodesWay, endpoint })).not.toContain('header');
  });

  test("is refused for itself: no doubt about the nodes' credentials is left", async () => {
    const endpoint = mirror('https://mirror.example/v2', image);
    const credentials = credentialsFrom({ ...nothing, ...server });
    const doubts = (caller: CallerCredentials) =>
      credentials(caller).refusalContext(parseReference(image), endpoint, 'every-endpoint', signal);
    expect(await doubts({ isolated: true, explicit })).toEqual({
      isWithheld: false,
      isProvided: true,
      problems: [],
    });
    expect(await doubts({})).toMatchObject({ isWithheld: true });
  });

  test('shares cached answers with no caller that may have been let in by something else', () => {
    const credentials = credentialsFrom({ ...nothing, ...server });
    const ids = [
      credentials(),
      credentials({ explicit }),
      credentials({ isolated: true }),
      credentials({ isolated: true, explicit }),
      credentials({ isolated: true, explicit: { ...explicit, password: 'other' } }),
    ].map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });
});
