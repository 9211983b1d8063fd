import { describe, expect, test } from '@jest/globals';
import { anonymous } from '../../../../src/resolve/credentials/credential.ts';
import { externalUrl } from '../../../../src/resolve/fetch/external-url.ts';
import { alice, endpoint, serving } from '../registry/asking.ts';
import { contentOf, fetchFailure, fetching } from './fetching.ts';

const body = Buffer.from('a foreign layer');

describe('the path of an external URL', () => {
  test.each([
    ['http://u/a%2Fb/c%20d', 'http://u/a/b/c%20d', true],
    ['https://u:8443/a?sig=s%2F3&x=1', 'https://u:8443/a?sig=s%2F3&x=1', false],
    ['https://alice:secret@u/a#part', 'https://u/a', false],
    ['http://u', 'http://u/', false],
    ['http://u/a%zz', 'http://u/a%zz', false],
  ])('%s is asked for as %s', (text, asked, isDecoded) => {
    const url = externalUrl(text);
    expect([url?.url.href, url?.isDecoded]).toEqual([asked, isDecoded]);
  });

  test.each(['ftp://u/a', 'file:///etc/passwd', 'http://[::1', ':', '', 'data:,x', '/v2/a'])(
    '%p is passed over',
    (text) => {
      expect(externalUrl(text)).toBeNull();
    },
  );
});

describe('a host that a manifest names', () => {
  const secret = { ...anonymous, id: 'alice', candidates: () => Promise.resolve([alice]) };

  test('gets neither credentials nor configured headers nor ns', async () => {
    const foreign = await serving(() => ({
      status: 401,
      headers: { 'www-authenticate': 'Basic realm="x"' },
    }));
    const registry = await serving(() => ({ body }));
    const own = endpoint(registry.origin, {
      headers: { 'x-own': ['yes'] },
      namespace: 'docker.io',
      credential: alice,
    });
    const { fetcher } = fetching({ endpoints: [own], credentials: secret });
    const failure = await fetchFailure(fetcher.verify(contentOf(body, { urls: [`${foreign.origin}/a`] })));
    expect(failure.code).toBe('denied');
    const [request] = foreign.requests;
    expect(foreign.requests.length).toBe(1);
    expect([request?.url, request?.headers.authorization, request?.headers['x-own']]).toEqual([
      '/a',
      undefined,
      undefined,
    ]);
    expect(registry.requests).toEqual([]);
  });

  test.each([
    'http://169.254.169.254/latest/meta-data',
    'http://[fe80::1]/a',
    'http://metadata.google.internal/a',
    'https://100.100.100.200/a',
  ])('%s is never asked, not even for a registry on this machine', async (url) => {
    const registry = await serving(() => ({ body }));
    const { fetcher } = fetching({ endpoints: [endpoint(registry.origin)] });
    const failure = await fetchFailure(fetcher.verify(contentOf(body, { urls: [url] })));
    expect(failure).toMatchObject({ code: 'malformed', reason: 'ForbiddenAddress' });
    expect(registry.requests).toEqual([]);
  });

  test.each([
    ['http://registry.test', 'is on this machine'],
    ['https://registry.test', 'is plain http although the registry speaks https'],
  ])('a URL that a manifest of %s names is refused when it %s', async (origin) => {
    const foreign = await serving(() => ({ body }));
    const { fetcher } = fetching({ endpoints: [], namedBy: endpoint(origin) });
    const failure = await fetchFailure(fetcher.verify(contentOf(body, { urls: [`${foreign.origin}/a`] })));
    expect(failure).toMatchObject({ code: 'malformed', reason: 'ForbiddenAddress' });
    expect(foreign.requests).toEqual([]);
  });

  test('may not redirect to a link-local address either', async () => {
    const foreign = await serving(() => ({ status: 302, headers: { location: 'http://169.254.169.254/a' } }));
    const { fetcher } = fetching({ endpoints: [endpoint(foreign.origin)] });
    const failure = await fetchFailure(fetcher.verify(contentOf(body, { urls: [`${foreign.origin}/a`] })));
    expect(failure).toMatchObject({ code: 'malformed', reason: 'ForbiddenAddress' });
  });

  test('that has nothing leaves the content to the registry, whatever page it shows', async () => {
    const foreign = await serving(() => ({
      status: 404,
      headers: { 'content-type': 'text/html' },
      body: '<html>',
    }));
    const registry = await serving(() => ({ body }));
    const { fetcher } = fetching({ endpoints: [endpoint(registry.origin)] });
    const { source } = await fetcher.verify(contentOf(body, { urls: [`${foreign.origin}/a`] }));
    expect(source).toBe(`${registry.origin}/v2`);
  });
});
