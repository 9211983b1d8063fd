import { describe, expect, test } from '@jest/globals';
import { digestOf } from '../../../../src/resolve/reference/digest.ts';
import { authority } from '../../../kit/fakes/certificates.ts';
import {
  alice,
  ask,
  client,
  endpoint,
  failureOf,
  latest,
  lines,
  served,
  serving,
  trusting,
} from './asking.ts';

const config = '{"architecture":"amd64"}';
const digest = digestOf('sha256', Buffer.from(config));
const to = (location: string, status = 307) => ({ status, headers: { location } });

describe('a redirect to another host', () => {
  test('gets the public headers, and neither credentials nor configured headers', async () => {
    const store = await serving(() => ({ body: config }));
    const asking = ask({ with: [alice] });
    const registry = await serving(({ headers }) =>
      headers.authorization?.startsWith('Basic')
        ? to(`${store.origin}/blob?signature=s3cret`)
        : { status: 401, headers: { 'www-authenticate': 'Basic realm="x"' } },
    );
    const mirror = endpoint(registry.origin, {
      headers: { 'X-Token': ['mine'], Authorization: ['Bearer mine'] },
    });
    await client().blob(mirror, digest, 1000, asking);
    expect(lines(store.requests)).toEqual(['GET /blob?signature=s3cret -']);
    expect(store.requests[0]?.headers).not.toHaveProperty('x-token');
    expect(store.requests[0]?.headers).toHaveProperty('user-agent', 'pratique');
    expect(asking.tally.requests).toBe(3);
  });

  test('that comes back home has lost them for good', async () => {
    const store = await serving(() => to(`${registry.origin}/stolen`));
    const registry = await serving(({ url }) =>
      url === '/stolen' ? { body: config } : to(`${store.origin}/away`),
    );
    const mirror = endpoint(registry.origin, { headers: { 'X-Token': ['mine'] } });
    await client().blob(mirror, digest, 1000, ask());
    expect(registry.requests.map(({ headers }) => headers['x-token'])).toEqual(['mine', undefined]);
  });

  test('that answers 401 gets no authentication', async () => {
    const store = await serving(() => ({
      status: 401,
      headers: { 'www-authenticate': 'Basic realm="give"' },
    }));
    const registry = await serving(() => to(`${store.origin}/`));
    const credentials = () => Promise.reject(new Error('not to be called'));
    const failure = await failureOf(
      client().blob(endpoint(registry.origin), digest, 1000, ask({ credentials })),
    );
    expect(failure).toMatchObject({ code: 'denied', reason: 'Redirect', status: 401 });
    expect(store.requests).toHaveLength(1);
  });

  test('shows no query in its failure: it may be signed', async () => {
    const store = await serving(() => ({ status: 500 }));
    const registry = await serving(() => to(`${store.origin}/blob?signature=s3cret`));
    const failure = await failureOf(client().blob(endpoint(registry.origin), digest, 1000, ask()));
    expect(failure.message).toContain(`${store.origin}/blob`);
    expect(failure.message).not.toContain('s3cret');
  });
});

describe('a redirect on the same host', () => {
  test.each([301, 302, 303, 307, 308])(
    '%d is followed, relative too, with what belongs to the host',
    async (status) => {
      const registry = await serving(({ url }) => (url === '/real' ? served : to('/real', status)));
      const asking = ask();
      await client().manifest(endpoint(registry.origin, { headers: { 'x-a': ['b'] } }), latest, asking);
      expect(registry.requests[1]?.headers['x-a']).toBe('b');
      expect(asking.tally).toMatchObject({ requests: 2, status: 200 });
    },
  );
});

describe('a redirect that is refused', () => {
  const refused: Record<string, { location: string; reason: string; status?: number }> = {
    'no Location': { location: '', reason: 'NoLocation' },
    'no URL': { location: 'http://[', reason: 'Redirect' },
    'no http': { location: 'file:///etc/passwd', reason: 'Redirect' },
    'a metadata service': { location: 'http://169.254.169.254/latest/meta-data', reason: 'ForbiddenAddress' },
    'a metadata service by IPv6': { location: 'http://[::ffff:a9fe:a9fe]/', reason: 'ForbiddenAddress' },
    'a metadata service by name': {
      location: 'http://metadata.google.internal/',
      reason: 'ForbiddenAddress',
    },
    'a link-local address': { location: 'http://[fe80::1]/', reason: 'ForbiddenAddress' },
  };
  test.each(Object.entries(refused))('%s', async (_title, { location, reason }) => {
    const registry = await serving(() => ({ status: 302, headers: location === '' ? {} : { location } }));
    const failure = await failureOf(client().manifest(endpoint(registry.origin), latest, ask()));
    expect(failure).toMatchObject({ code: 'malformed', reason });
    expect(registry.requests).toHaveLength(1);
  });

  test('a circle ends', async () => {
    const registry = await serving(() => to('/again'));
    const failure = await failureOf(client().manifest(endpoint(registry.origin), latest, ask()));
    expect(failure).toMatchObject({ code: 'malformed', reason: 'Redirect', status: 307 });
    expect(registry.requests.length).toBeLessThan(10);
  });

  test('from https to http', async () => {
    const ca = await authority();
    const plain = await serving(() => served);
    const secure = await serving(() => to(`${plain.origin}/`), {
      tls: await ca.leaf({ names: ['127.0.0.1'] }),
    });
    const failure = await failureOf(
      client().manifest(endpoint(secure.origin, trusting(ca.cert)), latest, ask()),
    );
    expect(failure).toMatchObject({ code: 'malformed', reason: 'InsecureRedirect' });
    expect(plain.connections).toBe(0);
  });
});

describe('an https registry with its realm on http', () => {
  test('gets no credentials', async () => {
    const ca = await authority();
    const plain = await serving(() => ({ body: { token: 'x' } }));
    const challenge = { status: 401, headers: { 'www-authenticate': `Bearer realm="${plain.origin}/"` } };
    const secure = await serving(() => challenge, { tls: await ca.leaf({ names: ['127.0.0.1'] }) });
    const asking = ask({ with: [alice] });
    const failure = await failureOf(
      client().manifest(endpoint(secure.origin, trusting(ca.cert)), latest, asking),
    );
    expect(failure).toMatchObject({ code: 'malformed', reason: 'Realm' });
    expect(plain.connections).toBe(0);
  });
});

describe('an endpoint that is not on this machine', () => {
  // Reached through a proxy on loopback, which plays the host `registry.test`.
  async function redirected(
    location: string,
    hosts: ReadonlyMap<string, string> = new Map(),
    noProxy: readonly string[] = [],
  ) {
    const elsewhere = await serving(() => to(location));
    const registry = client({ hosts, proxy: { http: elsewhere.origin, https: null, noProxy } });
    const failure = await failureOf(registry.blob(endpoint('http://registry.test'), digest, 1000, ask()));
    expect(lines(elsewhere.requests)).toEqual([
      `GET http://registry.test/v2/library/nginx/blobs/${digest} -`,
    ]);
    return failure;
  }

  test('leads to no loopback address, however it is written', async () => {
    const victim = await serving(() => ({ body: config }));
    for (const host of ['127.0.0.1', 'localhost', 'localhost.', 'x.localhost', '[::1]', '0.0.0.0', '127.1']) {
      const failure = await redirected(`http://${host}:${victim.port}/`);
      expect(failure).toMatchObject({ code: 'malformed', reason: 'ForbiddenAddress' });
    }
    expect(victim.connections).toBe(0);
  });

  test.each(['metadata.google.internal', '100.100.100.200', '168.63.129.16', '[fd00:ec2::254]'])(
    'leads to no metadata service by way of a proxy: %s',
    async (host) => {
      const failure = await redirected(`http://${host}/`);
      expect(failure).toMatchObject({ code: 'malformed', reason: 'ForbiddenAddress' });
    },
  );

  test('leads to no loopback address by the address really dialled', async () => {
    const victim = await serving(() => ({ body: config }));
    const failure = await redirected('http://cdn.test/', new Map([['cdn.test:80', victim.host]]));
    expect(failure).toMatchObject({ code: 'malformed', reason: 'ForbiddenAddress' });
    expect(victim.connections).toBe(0);
  });
});

describe('the host of an image, which nobody configured', () => {
  const hosts = [
    '169.254.169.254',
    '[fe80::1]',
    '[fd00:ec2::254]',
    '[::ffff:a9fe:a9fe]',
    'metadata.google.internal',
  ];

  test.each(hosts)('is not a link and no metadata service: %s', async (host) => {
    const asking = ask();
    const failure = await failureOf(client().manifest(endpoint(`https://${host}`), latest, asking));
    expect(failure).toMatchObject({ code: 'malformed', reason: 'ForbiddenAddress' });
    expect(asking.tally.requests).toBe(0);
  });

  test.each(hosts)('is none behind a proxy either: %s', async (host) => {
    const elsewhere = await serving(() => served);
    const proxied = client({ proxy: { http: elsewhere.origin, https: null, noProxy: [] } });
    const failure = await failureOf(proxied.manifest(endpoint(`http://${host}`), latest, ask()));
    expect(failure).toMatchObject({ code: 'malformed', reason: 'ForbiddenAddress' });
    expect(elsewhere.connections).toBe(0);
  });

  test('is asked there all the same where a mirror configuration or a dial address says so', async () => {
    const configured = { source: { file: 'hosts.toml', line: 3 } };
    const signal = AbortSignal.timeout(300);
    const there = endpoint('http://169.254.254.254:1', configured);
    const failure = await failureOf(client().manifest(there, latest, ask({ signal })));
    expect(failure.reason).not.toBe('ForbiddenAddress');
    const registry = await serving(() => served);
    const dialling = client({ hosts: new Map([['169.254.254.254:80', registry.host]]) });
    await dialling.manifest(endpoint('http://169.254.254.254'), latest, ask());
    expect(registry.requests).toHaveLength(1);
  });
});

test('an endpoint that is on this machine by its dial address may lead to others here', async () => {
  const store = await serving(() => ({ body: config }));
  const registry = await serving(() => to('http://cdn.test/blob'));
  const hosts = new Map([
    ['registry.test:80', registry.host],
    ['cdn.test:80', store.host],
  ]);
  await client({ hosts }).blob(endpoint('http://registry.test'), digest, 1000, ask());
  expect(registry.requests[0]?.headers.host).toBe('registry.test');
  expect(store.requests[0]?.headers.host).toBe('cdn.test');
});
