import { describe, expect, test } from '@jest/globals';
import type { Credential } from '../../../../src/resolve/credentials/credential.ts';
import { anonymous, type Credentials } from '../../../../src/resolve/credentials/credential.ts';
import type { Answer, Handler, Recorded } from '../../../kit/fakes/scripted-registry.ts';
import { absent, asked, holding, multi } from './images.ts';
import { listOf, pair, results, serving, stage } from './harness.ts';

const both = multi('amd64', 'arm64');
const upstreamHas: Handler = holding({ tags: { '1': both } });
const name = 'registry.test/team/app:1';

/** Wants a token for everything; `token` answers at `/token`, and every `Bearer good` is let in. */
function guarded(token: Handler, scope?: string): Handler {
  return (request) => {
    if (request.url.startsWith('/token')) return token(request);
    if (request.headers.authorization === 'Bearer good') return upstreamHas(request);
    const challenge = `Bearer realm="http://${request.headers.host}/token",service="test"`;
    const wanted = scope === undefined ? challenge : `${challenge},scope="${scope}"`;
    return {
      status: 401,
      headers: { 'www-authenticate': wanted },
      body: { errors: [{ code: 'UNAUTHORIZED' }] },
    };
  };
}

const good: Answer = { body: { token: 'good' } };

/** A caller whose credentials go only to endpoints of this role. */
function holder(role: 'mirror' | 'upstream', credential: Credential): Credentials {
  return {
    ...anonymous,
    id: 'alice',
    candidates: (_reference, endpoint) => Promise.resolve(endpoint.role === role ? [credential] : []),
  };
}

const tokenRequests = (requests: readonly Recorded[]): readonly Recorded[] =>
  requests.filter(({ url }) => url.startsWith('/token'));

describe('authentication', () => {
  test('case 04: a mirror that says 401 whatever the token: one round of authentication, then the upstream', async () => {
    const { inspect, mirror } = await pair(
      guarded(() => ({ body: { token: 'bad' } })),
      upstreamHas,
    );
    const inspection = await inspect(name);
    expect(results(inspection)).toBe('denied, available');
    expect(inspection.attempts[0]).toMatchObject({ status: 401, requests: 2, tokenRequests: 1 });
    expect(mirror.requests).toHaveLength(3);
  });

  test('case 22: /v2/ would answer 200: it is not asked, the 401 of the manifest is the challenge', async () => {
    const { inspect, mirror } = await pair(
      guarded(() => good),
      () => absent,
    );
    expect(await inspect(name)).toMatchObject({ result: 'available' });
    expect(mirror.requests.map(({ method, url }) => `${method} ${url.split('?')[0]}`)).toEqual([
      'GET /v2/team/app/manifests/1',
      'GET /token',
      'GET /v2/team/app/manifests/1',
    ]);
  });

  test('two more requests for a cold token, none for a warm one', async () => {
    const { inspect } = await pair(
      guarded(() => good),
      () => absent,
    );
    const cold = await inspect(name);
    expect(cold.attempts[0]).toMatchObject({ requests: 2, tokenRequests: 1 });
    const warm = await inspect(`registry.test/team/app@${both.parts[0]?.digest}`);
    // The manifest and its config blob.
    expect(warm.attempts[0]).toMatchObject({ result: 'available', requests: 2, tokenRequests: 0 });
  });

  test.each<[string, Answer, string]>([
    ['token only', { body: { token: 'good' } }, 'available'],
    ['access_token only', { body: { access_token: 'good' } }, 'available'],
    ['neither', { body: { expires_in: 60 } }, 'malformed/Token, not-found'],
    ['no expires_in', { body: { token: 'good', issued_at: '2001-01-01T00:00:00Z' } }, 'available'],
    [
      'a skewed issued_at',
      { body: { token: 'good', expires_in: 300, issued_at: '2099-01-01T00:00:00Z' } },
      'available',
    ],
    ['not JSON', { body: '<html></html>' }, 'malformed/Token, not-found'],
    ['10 MiB', { body: Buffer.alloc(10 * 1024 * 1024, ' ') }, 'malformed/TooLarge, not-found'],
  ])('case 23: a token answer with %s', async (_what, answer, wanted) => {
    const { inspect } = await pair(
      guarded(() => answer),
      () => absent,
    );
    expect(results(await inspect(name))).toBe(wanted);
  });

  test.each<[string, Handler, string]>([
    ['no JSON', guarded(() => ({ body: '<html></html>' })), 'malformed/Token'],
    ['10 MiB', guarded(() => ({ body: Buffer.alloc(10 * 1024 * 1024, ' ') })), 'malformed/TooLarge'],
    ['403', guarded(() => ({ status: 403 })), 'denied/Token'],
    ['501', guarded(() => ({ status: 501 })), 'unavailable/Token'],
    [
      'nothing: its realm is not a URL',
      () => ({ status: 401, headers: { 'www-authenticate': 'Bearer realm="x"' } }),
      'malformed/Realm',
    ],
  ])('HEAD and a token answer of %s: no GET, which would get no further', async (_what, mirror, result) => {
    const { inspect, mirror: server } = await pair(mirror, upstreamHas);
    expect(results(await inspect('team/app:1'))).toBe(`${result}, available`);
    const asked = server.requests.filter(({ url }) => url.startsWith('/v2/'));
    expect(asked.map(({ method }) => method)).toEqual(['HEAD']);
  });

  test.each([404, 405])(
    'case 24: a token endpoint that answers POST with %i is asked by GET',
    async (status) => {
      const credential = { username: '', password: '', identityToken: 'refresh' };
      const { inspect, upstream } = await pair(
        () => absent,
        guarded(({ method }) => (method === 'POST' ? { status } : good)),
      );
      const inspection = await inspect(name, { credentials: holder('upstream', credential) });
      expect(inspection.result).toBe('available');
      expect(tokenRequests(upstream.requests).map(({ method }) => method)).toEqual(['POST', 'GET']);
    },
  );

  test.each([429, 500, 503])(
    'case 24: a token endpoint that answers %i once: its failure is not kept',
    async (status) => {
      let calls = 0;
      const { inspect, advance } = await pair(
        () => absent,
        guarded(() => (calls++ === 0 ? { status, headers: { 'retry-after': '60' } } : good)),
      );
      expect((await inspect(name)).result).toBe('unavailable');
      advance(60_000);
      expect((await inspect(name)).result).toBe('available');
    },
  );
});

describe('who is told what', () => {
  test('case 25: the scope is that of the physical repository, and the challenge wins where it names another', async () => {
    for (const [scope, wanted] of [
      [undefined, 'repository:proxy/docker/team/app:pull'],
      ['repository:elsewhere:pull', 'repository:elsewhere:pull'],
    ] as const) {
      const mirror = await serving(guarded(() => good, scope));
      const { inspect } = stage(listOf([mirror.origin], [{ repository: 'proxy/docker/team/app' }]));
      const inspection = await inspect(name);
      expect(inspection.attempts).toMatchObject([
        { repository: 'proxy/docker/team/app', result: 'available' },
      ]);
      expect(mirror.requests[0]?.url).toBe('/v2/proxy/docker/team/app/manifests/1');
      const [request] = tokenRequests(mirror.requests);
      expect(new URL(request?.url ?? '', 'http://x').searchParams.getAll('scope')).toEqual([wanted]);
    }
  });

  test('case 26: a pull secret for the image, mirror first: the mirror sees no credentials, the upstream does', async () => {
    const { inspect, mirror, upstream } = await pair(
      guarded(() => ({ status: 403 })),
      guarded(({ headers }) => (headers.authorization?.startsWith('Basic ') ? good : { status: 403 })),
    );
    const credentials = holder('upstream', { username: 'alice', password: 's3cret' });
    expect(results(await inspect(name, { credentials }))).toBe('denied/Token, available');
    expect(mirror.requests.map(({ headers }) => headers.authorization)).toEqual([undefined, undefined]);
    expect(tokenRequests(upstream.requests)[0]?.headers.authorization).toMatch(/^Basic /);
  });

  test('credentials are asked for only after a challenge', async () => {
    const { inspect } = await pair(upstreamHas, () => absent);
    const candidates = () => Promise.reject(new Error('nobody should ask'));
    expect((await inspect(name, { credentials: { ...anonymous, id: 'alice', candidates } })).result).toBe(
      'available',
    );
  });

  test('credentials that cannot be read are a failure of that endpoint, and no sign of its bad health', async () => {
    const { inspect } = await pair(
      guarded(() => good),
      upstreamHas,
    );
    const candidates = () => Promise.reject(new Error('secret pull-1 is forbidden'));
    for (const id of ['a', 'b', 'c', 'd']) {
      const inspection = await inspect(name, { credentials: { ...anonymous, id, candidates } });
      expect(results(inspection)).toBe('unavailable/Credentials, available');
      expect(inspection.attempts[0]?.message).toContain('secret pull-1 is forbidden');
    }
  });

  test('a 401 where nodes have an identity of their own is unknown, and says what Pratique lacks', async () => {
    const { inspect } = await pair(
      () => absent,
      guarded(() => ({ status: 403 })),
      { nodeIdentity: ['*', '*:*'] },
    );
    const inspection = await inspect(name);
    expect(inspection).toMatchObject({ result: 'unavailable', reason: 'NodeCredentials' });
    expect(inspection.message).toContain('credentials.execProviders');
  });

  test('what one set of pull secrets may see is not an answer for another', async () => {
    const { inspect, peek, upstream } = await pair(
      () => absent,
      guarded(({ headers }) => (headers.authorization === undefined ? { status: 401 } : good)),
    );
    const alice = holder('upstream', { username: 'alice', password: 's3cret' });
    expect((await inspect(name, { credentials: alice })).result).toBe('available');
    const before = upstream.requests.length;
    expect(peek(name, alice)?.result).toBe('available');
    expect(peek(name)).toBeNull();
    expect((await inspect(name)).result).toBe('denied');
    expect(asked(upstream.requests.slice(before)).length).toBeGreaterThan(0);
  });
});
