import { describe, expect, test } from '@jest/globals';
import { gzipSync } from 'node:zlib';
import { digestOf } from '../../../../src/resolve/reference/digest.ts';
import type { RateLimit } from '../../../../src/resolve/registry/response/rate-limit.ts';
import type { Answer } from '../../../kit/fakes/scripted-registry.ts';
import {
  ask,
  client,
  endpoint,
  failureOf,
  latest,
  manifestBody,
  manifestDigest,
  manifestType,
  served,
  serving,
} from './asking.ts';

const other = digestOf('sha256', Buffer.from('something else'));

describe('a manifest that is served', () => {
  test('by tag is one request, hashed and named by its header', async () => {
    const server = await serving(() => served);
    const asking = ask();
    const answer = await client().manifest(endpoint(server.origin), { tag: '1.27' }, asking);
    expect(answer).toMatchObject({ digest: manifestDigest, mediaType: manifestType });
    expect(Buffer.from(answer.body).toString()).toBe(manifestBody);
    expect(server.requests.map(({ method, url }) => `${method} ${url}`)).toEqual([
      'GET /v2/library/nginx/manifests/1.27',
    ]);
    expect(asking.tally).toMatchObject({ requests: 1, tokenRequests: 0, status: 200 });
  });

  test('by digest keeps the digest asked for, sha512 too', async () => {
    const sha512 = digestOf('sha512', Buffer.from(manifestBody));
    const server = await serving(() => served);
    const answer = await client().manifest(endpoint(server.origin), { digest: sha512 }, ask());
    expect(answer.digest).toBe(sha512);
    expect(server.requests[0]?.url).toBe(`/v2/library/nginx/manifests/${sha512}`);
  });

  test('without a digest header, or with one that is none, is hashed', async () => {
    for (const headers of [{}, { 'docker-content-digest': 'sha256:abc' }] as const) {
      const server = await serving(() => ({ headers, body: manifestBody }));
      const answer = await client().manifest(endpoint(server.origin), latest, ask());
      expect(answer).toMatchObject({ digest: manifestDigest, mediaType: null });
    }
  });

  test('a media type is told without its parameters and in lower case', async () => {
    const headers = { 'content-type': 'Application/JSON; charset=utf-8' };
    const server = await serving(() => ({ headers, body: manifestBody }));
    expect((await client().manifest(endpoint(server.origin), latest, ask())).mediaType).toBe(
      'application/json',
    );
  });

  test('compressed although identity was asked for, it is decompressed before it is hashed', async () => {
    const server = await serving(() => ({
      headers: { ...served.headers, 'content-encoding': 'gzip' },
      body: gzipSync(manifestBody),
    }));
    const answer = await client().manifest(endpoint(server.origin), latest, ask());
    expect(answer.digest).toBe(manifestDigest);
    expect(server.requests[0]?.headers['accept-encoding']).toBe('identity');
  });
});

describe('what is asked', () => {
  test('names every manifest type, the user agent, ns= and the configured headers', async () => {
    const server = await serving(() => served);
    const mirror = endpoint(server.origin, {
      namespace: 'docker.io',
      headers: {
        'X-Meta': ['one', 'two'],
        Host: ['evil.test'],
        'Content-Length': ['3'],
        accept: ['text/html'],
      },
    });
    await client({ userAgent: 'pratique/1' }).manifest(mirror, latest, ask());
    const [request] = server.requests;
    expect(request?.url).toBe('/v2/library/nginx/manifests/latest?ns=docker.io');
    expect(request?.headers).toMatchObject({
      host: server.host,
      'user-agent': 'pratique/1',
      'x-meta': 'one, two',
    });
    for (const type of [
      'oci.image.index.v1+json',
      'oci.image.manifest.v1+json',
      'manifest.list.v2+json',
      'manifest.v2+json',
      'manifest.v1+prettyjws',
    ])
      expect(request?.headers.accept).toContain(type);
  });

  test('nothing is asked for after the attempt has ended', async () => {
    const server = await serving(() => served);
    const asking = ask({ signal: AbortSignal.abort() });
    const failure = await failureOf(client().manifest(endpoint(server.origin), latest, asking));
    expect(failure).toMatchObject({ code: 'unavailable', reason: 'Cancelled' });
    expect(server.connections).toBe(0);
  });
});

describe('HEAD', () => {
  test('gives what the headers say', async () => {
    const server = await serving(() => served);
    const answer = await client().head(endpoint(server.origin), latest, ask());
    expect(answer).toMatchObject({
      digest: manifestDigest,
      mediaType: manifestType,
      size: manifestBody.length,
    });
    expect(server.requests[0]?.method).toBe('HEAD');
  });

  test('a digest that is none is none', async () => {
    const headers = { 'docker-content-digest': 'sha256:../../etc' };
    const server = await serving(() => ({ headers }));
    expect(await client().head(endpoint(server.origin), latest, ask())).toMatchObject({
      digest: null,
      mediaType: null,
    });
  });

  test('leaves the connection for the next request', async () => {
    const server = await serving(() => served);
    const registry = client();
    for (let time = 0; time < 3; time++) await registry.head(endpoint(server.origin), latest, ask());
    await registry.manifest(endpoint(server.origin), latest, ask());
    expect(server.connections).toBe(1);
  });

  test('405 is a failure that the caller can tell', async () => {
    const server = await serving(() => ({ status: 405 }));
    const failure = await failureOf(client().head(endpoint(server.origin), latest, ask()));
    expect(failure).toMatchObject({ code: 'malformed', reason: 'UnexpectedStatus', status: 405 });
  });
});

describe('an answer that is not what it says', () => {
  const wrong: Record<string, { answer: Answer; reason: string }> = {
    'a digest header of something else': {
      answer: { ...served, headers: { 'docker-content-digest': other } },
      reason: 'DigestMismatch',
    },
    'an encoding that nobody knows': {
      answer: { ...served, headers: { 'content-encoding': 'rot13' } },
      reason: 'ContentEncoding',
    },
    'an encoding that the body does not have': {
      answer: { ...served, headers: { 'content-encoding': 'gzip' } },
      reason: 'ContentEncoding',
    },
    'a bomb that unpacks over the cap': {
      answer: { body: gzipSync(Buffer.alloc(100_000)), headers: { 'content-encoding': 'gzip' } },
      reason: 'ContentEncoding',
    },
    'a length over the cap': { answer: { body: 'x'.repeat(5000) }, reason: 'TooLarge' },
    'an endless stream': { answer: { body: 'x'.repeat(5000), fault: 'endless' }, reason: 'TooLarge' },
    'a body shorter than its length': { answer: { ...served, fault: 'cut' }, reason: 'Truncated' },
  };
  test.each(Object.entries(wrong))('%s', async (_title, { answer, reason }) => {
    const server = await serving(() => answer);
    const failure = await failureOf(
      client({ maxManifestBytes: 4096 }).manifest(endpoint(server.origin), latest, ask()),
    );
    expect(failure).toMatchObject({ code: 'malformed', reason, status: 200 });
    expect(failure.message).toContain(`GET ${server.origin}/v2/library/nginx/manifests/latest`);
  });

  test('a declared length over the cap is believed before the body has come', async () => {
    const server = await serving(() => ({ body: 'x', headers: { 'content-length': '100000000' } }));
    const failure = await failureOf(client().manifest(endpoint(server.origin), latest, ask()));
    expect(failure).toMatchObject({ code: 'malformed', reason: 'TooLarge' });
  });

  test('another body than the digest asked for', async () => {
    const server = await serving(() => ({ body: manifestBody }));
    const failure = await failureOf(client().manifest(endpoint(server.origin), { digest: other }, ask()));
    expect(failure).toMatchObject({ code: 'malformed', reason: 'DigestMismatch' });
  });

  test('a body of exactly the cap is served', async () => {
    const server = await serving(() => served);
    const registry = client({ maxManifestBytes: manifestBody.length });
    await expect(registry.manifest(endpoint(server.origin), latest, ask())).resolves.toBeDefined();
    const tight = client({ maxManifestBytes: manifestBody.length - 1 });
    expect((await failureOf(tight.manifest(endpoint(server.origin), latest, ask()))).reason).toBe('TooLarge');
  });
});

describe('a blob', () => {
  const config = '{"architecture":"amd64"}';
  const digest = digestOf('sha256', Buffer.from(config));

  test('is verified and counted', async () => {
    const server = await serving(() => ({ body: config }));
    const asking = ask();
    const body = await client().blob(endpoint(server.origin), digest, 1000, asking);
    expect(Buffer.from(body).toString()).toBe(config);
    expect(server.requests[0]?.url).toBe(`/v2/library/nginx/blobs/${digest}`);
    expect(asking.tally.requests).toBe(1);
  });

  test('over its limit, or of another digest, is a failure', async () => {
    const server = await serving(() => ({ body: config }));
    const registry = client();
    expect(await failureOf(registry.blob(endpoint(server.origin), digest, 10, ask()))).toMatchObject({
      reason: 'TooLarge',
    });
    expect(await failureOf(registry.blob(endpoint(server.origin), other, 1000, ask()))).toMatchObject({
      reason: 'DigestMismatch',
    });
  });
});

describe('answers that are not success', () => {
  const denied = { errors: [{ code: 'DENIED', message: 'requested access is denied' }] };
  const html = { headers: { 'content-type': 'text/html' }, body: '<html>Welcome to nginx!</html>' };
  const table: Record<string, { answer: Answer; want: object; says?: string; hides?: string }> = {
    '404 with an error document': {
      answer: { status: 404, body: { errors: [{ code: 'MANIFEST_UNKNOWN', message: 'manifest unknown' }] } },
      want: { code: 'not-found', status: 404 },
      says: 'MANIFEST_UNKNOWN manifest unknown',
    },
    '404 without a body': { answer: { status: 404 }, want: { code: 'not-found' } },
    '404 with a line of text': {
      answer: { status: 404, body: '404 page not found\n' },
      want: { code: 'not-found' },
      hides: 'page not found',
    },
    '404 with a page of HTML': {
      answer: { status: 404, ...html },
      want: { code: 'malformed', reason: 'NotARegistry', status: 404 },
      hides: 'Welcome',
    },
    '404 with a long text': {
      answer: { status: 404, body: 'x'.repeat(2000) },
      want: { code: 'malformed', reason: 'NotARegistry' },
    },
    '404 with JSON of another kind': {
      answer: { status: 404, body: { message: 'Not Found' } },
      want: { code: 'malformed', reason: 'NotARegistry' },
    },
    '404 whose body breaks off': {
      answer: { status: 404, body: 'page not found', fault: 'cut' },
      want: { code: 'malformed', reason: 'NotARegistry' },
    },
    '403 with an error document': {
      answer: { status: 403, body: denied },
      want: { code: 'denied', reason: null, status: 403 },
      says: 'DENIED requested access is denied',
    },
    '403 with a page of HTML': {
      answer: { status: 403, ...html },
      want: { code: 'denied' },
      hides: 'Welcome',
    },
    '401 without a challenge': {
      answer: { status: 401, body: denied },
      want: { code: 'denied', status: 401 },
    },
    '429': {
      answer: { status: 429, headers: { 'retry-after': '60' } },
      want: { code: 'rate-limited', status: 429, retryAfterMs: 60_000 },
    },
    '429 with garbage': {
      answer: { status: 429, headers: { 'retry-after': 'soon' } },
      want: { code: 'rate-limited', retryAfterMs: null },
    },
    '503': { answer: { status: 503 }, want: { code: 'unavailable', reason: 'ServerError', status: 503 } },
    '418': { answer: { status: 418 }, want: { code: 'malformed', reason: 'UnexpectedStatus', status: 418 } },
    '304': { answer: { status: 304 }, want: { code: 'malformed', reason: 'UnexpectedStatus', status: 304 } },
  };
  test.each(Object.entries(table))('%s', async (_title, { answer, want, says, hides }) => {
    const server = await serving(() => answer);
    const asking = ask();
    const failure = await failureOf(client().manifest(endpoint(server.origin), latest, asking));
    expect(failure).toMatchObject(want);
    expect(asking.tally).toMatchObject({ requests: 1, status: answer.status });
    if (says !== undefined) expect(failure.message).toContain(says);
    if (hides !== undefined) expect(failure.message).not.toContain(hides);
  });

  test("a registry's words are cleaned and cut", async () => {
    const message = `\u001b[31mred\n${'x'.repeat(5000)}`;
    const server = await serving(() => ({ status: 403, body: { errors: [{ code: 'DENIED', message }] } }));
    const failure = await failureOf(client().manifest(endpoint(server.origin), latest, ask()));
    expect(failure.message).not.toMatch(/[\u0000-\u001f]/);
    expect(failure.message.length).toBeLessThan(400);
  });

  test('an endless error page is read no further than a page', async () => {
    const server = await serving(() => ({ status: 500, fault: 'endless', body: 'x'.repeat(10_000) }));
    const failure = await failureOf(client().manifest(endpoint(server.origin), latest, ask()));
    expect(failure).toMatchObject({ code: 'unavailable', reason: 'ServerError' });
  });
});

test('a declared rate limit is reported to the listener', async () => {
  const headers = {
    ...served.headers,
    'ratelimit-limit': '100;w=21600',
    'ratelimit-remaining': '76;w=21600',
  };
  const server = await serving(() => ({ ...served, headers }));
  const told: RateLimit[] = [];
  const registry = client({ onRateLimit: (_endpoint, limit) => told.push(limit) });
  await registry.head(endpoint(server.origin), latest, ask());
  expect(told).toEqual([{ remaining: 76, limit: 100 }]);
});
