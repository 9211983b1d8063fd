import { parseToken } from '../../../../../src/resolve/registry/auth/token.ts';
import { describe, expect, test } from '@jest/globals';
import type { Credential } from '../../../../../src/resolve/credentials/credential.ts';
import type { Answer, Recorded, ScriptedRegistry } from '../../../../kit/fakes/scripted-registry.ts';
import { alice, ask, bob, client, endpoint, failureOf, latest, lines, served, serving } from '../asking.ts';

const scope = 'repository:library/nginx:pull';
const manifest = 'GET /v2/library/nginx/manifests/latest';
const basic = ({ username, password }: Credential) =>
  `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
const unauthorized = (challenge: string | readonly string[]): Answer => ({
  status: 401,
  headers: { 'www-authenticate': challenge },
  body: { errors: [{ code: 'UNAUTHORIZED', message: 'authentication required' }] },
});

/** A registry that demands the token `good`, and the server of its tokens. */
async function bearerRegistry(
  token: (request: Recorded) => Answer | Promise<Answer>,
  params = 'service="registry.test",scope="repository:library/nginx:pull"',
): Promise<{ registry: ScriptedRegistry; tokens: ScriptedRegistry }> {
  const tokens = await serving(token);
  const challenge = `Bearer realm="${tokens.origin}/token",${params}`;
  const registry = await serving(({ headers }) =>
    headers.authorization === 'Bearer good' ? served : unauthorized(challenge),
  );
  return { registry, tokens };
}

describe('Bearer', () => {
  test('cold: the request that failed, one token, the request again; no ping', async () => {
    const { registry, tokens } = await bearerRegistry(() => ({ body: { token: 'good' } }));
    const asking = ask();
    await client().manifest(endpoint(registry.origin), latest, asking);
    expect(lines(registry.requests)).toEqual([`${manifest} -`, `${manifest} Bearer good`]);
    expect(lines(tokens.requests)).toEqual([
      `GET /token?service=registry.test&scope=${encodeURIComponent(scope)} -`,
    ]);
    expect(asking.tally).toMatchObject({ requests: 2, tokenRequests: 1, status: 200 });
  });

  test('warm: no more requests than without', async () => {
    const { registry, tokens } = await bearerRegistry(() => ({ body: { access_token: 'good' } }));
    const pratique = client();
    await pratique.head(endpoint(registry.origin), latest, ask());
    const asking = ask();
    await pratique.manifest(endpoint(registry.origin), latest, asking);
    expect(asking.tally).toMatchObject({ requests: 1, tokenRequests: 0, status: 200 });
    expect(tokens.requests).toHaveLength(1);
  });

  test('a scope of its own is asked for as the challenge has it, each one of them', async () => {
    const { registry, tokens } = await bearerRegistry(
      () => ({ body: { token: 'good' } }),
      'service="s",scope="repository:proxy/nginx:pull repository:other:pull"',
    );
    await client().manifest(endpoint(registry.origin), latest, ask());
    const { searchParams } = new URL(tokens.requests[0]?.url ?? '', tokens.origin);
    expect(searchParams.getAll('scope')).toEqual(['repository:proxy/nginx:pull', 'repository:other:pull']);
  });

  test('without a scope the physical repository is the scope', async () => {
    const { registry, tokens } = await bearerRegistry(() => ({ body: { token: 'good' } }), 'service="s"');
    await client().manifest(endpoint(registry.origin, { repository: 'proxy/hub/nginx' }), latest, ask());
    const { searchParams } = new URL(tokens.requests[0]?.url ?? '', tokens.origin);
    expect(searchParams.getAll('scope')).toEqual(['repository:proxy/hub/nginx:pull']);
  });

  test('what the realm has in its query stays', async () => {
    const tokens = await serving(() => ({ body: { token: 'good' } }));
    const registry = await serving(({ headers }) =>
      headers.authorization ? served : unauthorized(`Bearer realm="${tokens.origin}/token?account=1"`),
    );
    await client().manifest(endpoint(registry.origin), latest, ask());
    expect(tokens.requests[0]?.url).toBe(`/token?account=1&scope=${encodeURIComponent(scope)}`);
  });

  test('is tried before Basic, wherever it stands', async () => {
    const tokens = await serving(() => ({ body: { token: 'good' } }));
    const registry = await serving(({ headers }) =>
      headers.authorization === 'Bearer good'
        ? served
        : unauthorized(['Basic realm="x"', `Bearer realm="${tokens.origin}/"`]),
    );
    await client().manifest(endpoint(registry.origin), latest, ask({ with: [alice] }));
    expect(lines(tokens.requests)[0]).toContain(basic(alice));
    expect(lines(registry.requests)).toEqual([`${manifest} -`, `${manifest} Bearer good`]);
  });

  test('a token that is not a longer taken is fetched once more', async () => {
    let good = 'first';
    const tokens = await serving(() => ({ body: { token: good, expires_in: 3600 } }));
    const registry = await serving(({ headers }) =>
      headers.authorization === `Bearer ${good}` ? served : unauthorized(`Bearer realm="${tokens.origin}/"`),
    );
    const pratique = client();
    await pratique.head(endpoint(registry.origin), latest, ask());
    good = 'second';
    const asking = ask();
    await pratique.head(endpoint(registry.origin), latest, asking);
    expect(asking.tally).toMatchObject({ requests: 2, tokenRequests: 1, status: 200 });
  });

  test.each([
    ['3600 s', 3600, 3_240_000],
    ['a minute where it says nothing', null, 54_000],
    ['a minute where it says a negative number', -5, 54_000],
    ['an hour at most', 86_400, 3_240_000],
  ])('a token is kept for %s, less a tenth', (_what, expires_in, lifeMs) => {
    const body = Buffer.from(JSON.stringify({ token: 'good', expires_in, issued_at: null }));
    expect(parseToken(body, 'GET https://auth.test/token')).toEqual({ authorization: 'Bearer good', lifeMs });
  });

  test.each([
    ['a text', { expires_in: '3600' }, 'expires_in'],
    ['a fraction', { expires_in: 300.5 }, 'expires_in'],
    ['beyond an integer', { expires_in: 1e300 }, 'expires_in'],
    ['a number', { issued_at: 1_700_000_000 }, 'issued_at'],
    ['empty', { issued_at: '' }, 'issued_at'],
    ['without a zone', { issued_at: '2026-01-01T00:00:00' }, 'issued_at'],
    ['a number', { access_token: 1 }, 'access_token'],
  ])(
    'an answer with a member that is %s is not used, because no node accepts it: %p',
    async (_what, odd, name) => {
      const { registry } = await bearerRegistry(() => ({ body: { token: 'good', ...odd } }));
      const failure = await failureOf(client().head(endpoint(registry.origin), latest, ask()));
      expect(failure).toMatchObject({ code: 'malformed', reason: 'Token' });
      expect(failure.message).toContain(`"${name}" in the token answer has a type that no node accepts`);
    },
  );

  test('a token service that refuses the union of two scopes, which containerd requests, makes the mirror unusable', async () => {
    const scope = 'repository:me/docker.io/library/nginx:pull';
    const tokens = await serving(({ url }) =>
      new URL(url, 'http://x').searchParams.getAll('scope').length > 1
        ? { status: 403, body: { errors: [{ code: 'DENIED' }] } }
        : { body: { token: 'good' } },
    );
    const registry = await serving(({ headers }) =>
      headers.authorization
        ? served
        : unauthorized(`Bearer realm="${tokens.origin}/",service="m",scope="${scope}"`),
    );
    const at = endpoint(registry.origin);
    const failure = await failureOf(client().head(at, latest, ask({ scopeRule: 'union' })));
    expect(failure).toMatchObject({ code: 'malformed', reason: 'ScopeUnion' });
    expect((await client().head(at, latest, ask())).digest).not.toBeNull();
  });

  test('a token is never shared between credentials, nor between repositories', async () => {
    const tokens = await serving(({ headers }) => ({
      body: { token: Buffer.from(headers.authorization ?? 'nobody').toString('hex') },
    }));
    const registry = await serving(({ headers }) =>
      headers.authorization ? served : unauthorized(`Bearer realm="${tokens.origin}/"`),
    );
    const pratique = client();
    for (const [credentialsId, credentials] of [
      ['a', [alice]],
      ['b', [bob]],
      ['', []],
    ] as const)
      await pratique.head(endpoint(registry.origin), latest, ask({ credentialsId, with: credentials }));
    await pratique.head(endpoint(registry.origin, { repository: 'other' }), latest, ask());
    expect(tokens.requests).toHaveLength(4);
    expect(new Set(registry.requests.map(({ headers }) => headers.authorization)).size).toBe(4);
  });

  test('two callers with the same credential share its token', async () => {
    const { registry, tokens } = await bearerRegistry(() => ({ body: { token: 'good' } }));
    const pratique = client();
    for (const credentialsId of ['one', 'two'])
      await pratique.head(endpoint(registry.origin), latest, ask({ credentialsId, with: [alice] }));
    expect(tokens.requests).toHaveLength(1);
  });
});

describe('the token answer', () => {
  const bad: Record<string, { answer: Answer; want: object }> = {
    'neither token nor access_token': {
      answer: { body: { hello: 1 } },
      want: { code: 'malformed', reason: 'Token' },
    },
    'an empty token': { answer: { body: { token: '' } }, want: { code: 'malformed', reason: 'Token' } },
    'a token that would break the header': {
      answer: { body: { token: 'x\r\nEvil: 1' } },
      want: { code: 'malformed', reason: 'Token' },
    },
    'no JSON': { answer: { body: '<html>' }, want: { code: 'malformed', reason: 'Token' } },
    null: { answer: { body: 'null' }, want: { code: 'malformed', reason: 'Token' } },
    '10 MiB': {
      answer: { body: Buffer.alloc(10 << 20, 'x') },
      want: { code: 'malformed', reason: 'TooLarge' },
    },
    'an endless stream': { answer: { fault: 'endless' }, want: { code: 'malformed', reason: 'TooLarge' } },
    '429': {
      answer: { status: 429, headers: { 'retry-after': '7' } },
      want: { code: 'rate-limited', status: 429, retryAfterMs: 7000 },
    },
    '500': { answer: { status: 500 }, want: { code: 'unavailable', status: 500 } },
    '404': { answer: { status: 404 }, want: { code: 'malformed', status: 404 } },
    '401': { answer: { status: 401 }, want: { code: 'denied', status: 401 } },
    reset: { answer: { fault: 'reset' }, want: { code: 'unavailable', reason: 'ConnectionReset' } },
  };
  test.each(Object.entries(bad))('%s is a failure and never kept', async (_title, { answer, want }) => {
    const { registry, tokens } = await bearerRegistry(() => answer);
    const pratique = client();
    expect(await failureOf(pratique.head(endpoint(registry.origin), latest, ask()))).toMatchObject(want);
    expect(tokens.requests).toHaveLength(1);
    tokens.handle(() => ({ body: { token: 'good' } }));
    await pratique.head(endpoint(registry.origin), latest, ask());
    expect(tokens.requests).toHaveLength(2);
  });

  test('both names given: token is the one', async () => {
    const { registry } = await bearerRegistry(() => ({ body: { token: 'good', access_token: 'bad' } }));
    await expect(client().head(endpoint(registry.origin), latest, ask())).resolves.toBeDefined();
  });
});

describe('an identity token', () => {
  const identity: Credential = { username: '', password: '', identityToken: 'refresh-me' };

  test('is POSTed as OAuth2 has it', async () => {
    const { registry, tokens } = await bearerRegistry(() => ({ body: { access_token: 'good' } }));
    await client().head(endpoint(registry.origin), latest, ask({ with: [identity] }));
    const [request] = tokens.requests;
    expect(request?.method).toBe('POST');
    expect(request?.headers.authorization).toBeUndefined();
    expect(Object.fromEntries(new URLSearchParams(request?.body))).toEqual({
      grant_type: 'refresh_token',
      service: 'registry.test',
      client_id: 'docker',
      scope,
      refresh_token: 'refresh-me',
    });
  });

  test.each([400, 401, 404, 405])('%d to the POST: GET', async (status) => {
    const { registry, tokens } = await bearerRegistry(({ method }) =>
      method === 'POST' ? { status } : { body: { token: 'good' } },
    );
    const asking = ask({ with: [{ ...identity, username: 'me' }] });
    await client().head(endpoint(registry.origin), latest, asking);
    expect(tokens.requests.map(({ method }) => method)).toEqual(['POST', 'GET']);
    expect(tokens.requests[1]?.headers.authorization).toBe(basic({ username: 'me', password: 'refresh-me' }));
    expect(asking.tally.tokenRequests).toBe(2);
  });

  test('500 to the POST is the end of it', async () => {
    const { registry, tokens } = await bearerRegistry(() => ({ status: 500 }));
    const failure = await failureOf(
      client().head(endpoint(registry.origin), latest, ask({ with: [identity] })),
    );
    expect(failure.code).toBe('unavailable');
    expect(tokens.requests).toHaveLength(1);
  });
});

test('a registry token is sent as it is', async () => {
  const registry = await serving(({ headers }) =>
    headers.authorization === 'Bearer mine' ? served : unauthorized('Bearer realm="http://127.0.0.1:9/"'),
  );
  const asking = ask({ with: [{ username: '', password: '', registryToken: 'mine' }] });
  await client().head(endpoint(registry.origin), latest, asking);
  expect(asking.tally).toMatchObject({ requests: 2, tokenRequests: 0 });
});

describe('Basic', () => {
  const demanding = (good: Credential) =>
    serving(({ headers }) =>
      headers.authorization === basic(good) ? served : unauthorized('Basic realm="x"'),
    );

  test('after the challenge, and at once when warm', async () => {
    const registry = await demanding(alice);
    const pratique = client();
    const asking = ask({ with: [alice] });
    await pratique.head(endpoint(registry.origin), latest, asking);
    expect(asking.tally.requests).toBe(2);
    await pratique.head(endpoint(registry.origin), latest, asking);
    expect(asking.tally.requests).toBe(3);
  });

  test('all candidates are tried in order, one round each', async () => {
    const registry = await demanding(bob);
    await client().manifest(endpoint(registry.origin), latest, ask({ with: [alice, bob] }));
    expect(lines(registry.requests)).toEqual([
      `${manifest} -`,
      `${manifest} ${basic(alice)}`,
      `${manifest} ${basic(bob)}`,
    ]);
  });

  test('candidates are tried within a bound', async () => {
    const registry = await demanding({ username: 'nobody', password: '' });
    const many = Array.from({ length: 100 }, (_, index) => ({ username: `u${index}`, password: '' }));
    expect(
      await failureOf(client().head(endpoint(registry.origin), latest, ask({ with: many }))),
    ).toMatchObject({
      code: 'denied',
      status: 401,
    });
    expect(registry.requests.length).toBeLessThan(12);
  });

  test('without credentials nothing is sent', async () => {
    const registry = await demanding(alice);
    const asking = ask();
    const failure = await failureOf(client().head(endpoint(registry.origin), latest, asking));
    expect(failure.code).toBe('denied');
    expect(asking.tally.requests).toBe(1);
  });

  test('a password that is replaced is found after one refusal', async () => {
    let good = alice;
    const registry = await serving(({ headers }) =>
      headers.authorization === basic(good) ? served : unauthorized('Basic realm="x"'),
    );
    const pratique = client();
    await pratique.head(endpoint(registry.origin), latest, ask({ with: [alice] }));
    good = bob;
    await pratique.head(endpoint(registry.origin), latest, ask({ with: [bob] }));
    expect(registry.requests).toHaveLength(4);
  });
});

test('what lets one registry be read at a mirror is not sent for another registry there', async () => {
  const mirror = await serving(({ headers }) =>
    headers.authorization === basic(alice) ? served : unauthorized('Basic realm="x"'),
  );
  const pratique = client();
  const ofHub = endpoint(mirror.origin, { namespace: 'docker.io' });
  await pratique.head(ofHub, latest, ask({ with: [alice] }));
  const ofQuay = endpoint(mirror.origin, { namespace: 'quay.io' });
  expect(await failureOf(pratique.head(ofQuay, latest, ask({ with: [bob] })))).toMatchObject({
    code: 'denied',
  });
});

describe('who is asked for credentials, and when', () => {
  test('nobody, where no challenge comes', async () => {
    const registry = await serving(() => served);
    const credentials = () => Promise.reject(new Error('not to be called'));
    await expect(
      client().head(endpoint(registry.origin), latest, ask({ credentials })),
    ).resolves.toBeDefined();
  });

  test('401 whatever the token: one round, then the failure with the words of the registry', async () => {
    const tokens = await serving(() => ({ body: { token: 'bad' } }));
    const registry = await serving(() => unauthorized(`Bearer realm="${tokens.origin}/"`));
    const asking = ask({ with: [alice] });
    const pratique = client();
    const failure = await failureOf(pratique.manifest(endpoint(registry.origin), latest, asking));
    expect(failure).toMatchObject({ code: 'denied', status: 401 });
    expect(failure.message).toContain('UNAUTHORIZED authentication required');
    expect(asking.tally).toMatchObject({ requests: 2, tokenRequests: 1, status: 401 });
    // Nor is it more the next time: a token that was refused is not kept.
    const again = ask({ with: [alice] });
    await failureOf(pratique.manifest(endpoint(registry.origin), latest, again));
    expect(again.tally).toMatchObject({ requests: 2, tokenRequests: 1, status: 401 });
  });

  test('no secret is in any message', async () => {
    const registry = await serving(() => unauthorized('Basic realm="x"'));
    const failure = await failureOf(
      client().manifest(endpoint(registry.origin), latest, ask({ with: [alice] })),
    );
    expect(failure.message).not.toContain(alice.password);
    expect(failure.message).not.toContain(basic(alice).slice(6));
  });

  test('a realm that is not a URL, or no http, is a failure', async () => {
    for (const realm of ['127.0.0.1:8080', '', 'file:///etc/passwd', 'ftp://x/']) {
      const registry = await serving(() => unauthorized(`Bearer realm="${realm}"`));
      const failure = await failureOf(
        client().head(endpoint(registry.origin), latest, ask({ with: [alice] })),
      );
      expect(failure).toMatchObject({ code: 'malformed', reason: 'Realm' });
    }
  });

  test('configured headers go to the endpoint, not to the realm', async () => {
    const { registry, tokens } = await bearerRegistry(() => ({ body: { token: 'good' } }));
    const mirror = endpoint(registry.origin, { headers: { 'x-secret': ['1'] } });
    await client().head(mirror, latest, ask());
    expect(registry.requests.map(({ headers }) => headers['x-secret'])).toEqual(['1', '1']);
    expect(tokens.requests[0]?.headers['x-secret']).toBeUndefined();
  });

  test('a configured Authorization is sent at once, and a token replaces it', async () => {
    const { registry } = await bearerRegistry(() => ({ body: { token: 'good' } }));
    const mirror = endpoint(registry.origin, { headers: { Authorization: ['Basic configured'] } });
    await client().manifest(mirror, latest, ask());
    expect(lines(registry.requests)).toEqual([`${manifest} Basic configured`, `${manifest} Bearer good`]);
  });
});
