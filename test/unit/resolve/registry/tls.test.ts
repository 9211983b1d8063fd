import { describe, expect, test } from '@jest/globals';
import { plainTls } from '../../../../src/resolve/endpoints/endpoint.ts';
import { authority, expiredLeaf, type KeyPair } from '../../../kit/fakes/certificates.ts';
import { ask, client, endpoint, failureOf, latest, listening, served, serving, trusting } from './asking.ts';

const ca = await authority();
const good = await ca.leaf({ names: ['127.0.0.1', 'registry.test'] });
const secure = (tls: KeyPair = good) => serving(() => served, { tls });

describe('a certificate', () => {
  test('of a CA that the endpoint names, or the client, is trusted', async () => {
    const server = await secure();
    await client().head(endpoint(server.origin, trusting(ca.cert)), latest, ask());
    await client({ caPem: [ca.cert] }).head(endpoint(server.origin), latest, ask());
    expect(server.requests).toHaveLength(2);
  });

  test("of an endpoint's CA is trusted for that endpoint only", async () => {
    const server = await secure();
    const registry = client();
    await registry.head(endpoint(server.origin, trusting(ca.cert)), latest, ask());
    const failure = await failureOf(registry.head(endpoint(server.origin), latest, ask()));
    expect(failure).toMatchObject({ code: 'tls', reason: 'UnknownAuthority' });
  });

  const wrong: Record<string, { pair: () => Promise<KeyPair>; reason: string }> = {
    'of an unknown authority': {
      pair: async () => (await authority()).leaf({ names: ['127.0.0.1'] }),
      reason: 'UnknownAuthority',
    },
    expired: { pair: () => expiredLeaf(ca, ['127.0.0.1']), reason: 'Expired' },
    'not yet valid': {
      pair: () => ca.leaf({ names: ['127.0.0.1'], notBefore: new Date(Date.now() + 3_600_000) }),
      reason: 'NotYetValid',
    },
    'for another name': { pair: () => ca.leaf({ names: ['other.test'] }), reason: 'WrongName' },
  };
  test.each(Object.entries(wrong))(
    '%s: a failure with a reason, and nothing is sent',
    async (_title, { pair, reason }) => {
      const server = await secure(await pair());
      const asking = ask();
      const fallingBack = endpoint(server.origin, {
        ...trusting(ca.cert),
        plainFallback: ['HttpAnswer', 'ConnectionRefused'],
      });
      const failure = await failureOf(client().head(fallingBack, latest, asking));
      expect(failure).toMatchObject({ code: 'tls', reason, status: null });
      expect(asking.tally).toMatchObject({ requests: 0, tokenRequests: 0, status: null });
      expect(server.connections).toBe(1);
    },
  );

  test('is not looked at where the configuration skips that', async () => {
    const server = await secure(await expiredLeaf(await authority(), ['other.test']));
    const careless = endpoint(server.origin, { tls: { ...plainTls, skipVerify: true } });
    await expect(client().head(careless, latest, ask())).resolves.toBeDefined();
  });

  test('is checked for the name in the URL, whatever address is dialled', async () => {
    const server = await secure();
    const registry = client({
      hosts: new Map([
        ['registry.test:443', server.host],
        ['other.test:443', server.host],
      ]),
    });
    await registry.head(endpoint('https://registry.test', trusting(ca.cert)), latest, ask());
    expect(server.requests[0]).toMatchObject({
      servername: 'registry.test',
      headers: { host: 'registry.test' },
    });
    const failure = await failureOf(
      registry.head(endpoint('https://other.test', trusting(ca.cert)), latest, ask()),
    );
    expect(failure).toMatchObject({ code: 'tls', reason: 'WrongName' });
  });
});

describe('a client certificate', () => {
  test('that cannot be read is a failure of the endpoint, not of the process', async () => {
    const server = await secure();
    const tls = { ...plainTls, clientPem: [{ cert: 'no certificate', key: 'no key' }] };
    const failure = await failureOf(client().head(endpoint(server.origin, { tls }), latest, ask()));
    expect(failure).toMatchObject({ code: 'tls', reason: 'BadCertificate' });
  });

  test('is shown to the endpoint and to no other host', async () => {
    const pair = await ca.leaf({ names: ['pratique'], usage: 'client' });
    const tls = { ...plainTls, caPem: [ca.cert], clientPem: [pair] };
    const demanding = { tls: { ...good, ca: ca.cert, requestCert: true, rejectUnauthorized: true } };
    const store = await serving(() => served, demanding);
    const server = await serving(() => served, demanding);
    await expect(client().head(endpoint(server.origin, { tls }), latest, ask())).resolves.toBeDefined();
    server.handle(() => ({ status: 307, headers: { location: `${store.origin}/` } }));
    // The alert may be overtaken by the end of the connection.
    await failureOf(client().head(endpoint(server.origin, { tls }), latest, ask()));
    expect(store.connections).toBe(1);
    expect(store.requests).toHaveLength(0);
  });
});

describe('plain http after https', () => {
  const insecure = (origin: string) =>
    endpoint(origin.replace('http:', 'https:'), {
      plainFallback: ['HttpAnswer', 'ConnectionRefused'],
      ...trusting(ca.cert),
    });

  test('where the endpoint allows it and no TLS is spoken', async () => {
    const server = await serving(() => served);
    const asking = ask();
    await client().manifest(insecure(server.origin), latest, asking);
    expect(server.requests).toHaveLength(1);
    expect(asking.tally).toMatchObject({ requests: 1, tokenRequests: 0, status: 200 });
  });

  test('not where the endpoint does not allow it', async () => {
    const server = await serving(() => served);
    const failure = await failureOf(
      client().head(endpoint(server.origin.replace('http:', 'https:')), latest, ask()),
    );
    expect(failure).toMatchObject({ code: 'tls', reason: 'NotTls' });
    expect(server.requests).toHaveLength(0);
  });

  test('the http answer is the outcome, a failure too', async () => {
    const server = await serving(() => ({ status: 404 }));
    const failure = await failureOf(client().head(insecure(server.origin), latest, ask()));
    expect(failure).toMatchObject({ code: 'not-found', status: 404 });
  });

  test.each([
    ['answered', good, 200],
    ['answered 500', good, 500],
    ['showed a bad certificate', undefined, 200],
  ])('never to a host that once %s over TLS', async (_title, pair, status) => {
    const before = await serving(() => ({ ...served, status }), {
      tls: pair ?? (await expiredLeaf(ca, ['127.0.0.1'])),
    });
    const registry = client();
    await registry.head(insecure(before.origin), latest, ask()).catch(() => {});
    await before.close();
    const after = await serving(() => served, { port: before.port });
    const failure = await failureOf(registry.head(insecure(after.origin), latest, ask()));
    expect(failure).toMatchObject({ code: 'tls', reason: 'NotTls' });
    expect(after.requests).toHaveLength(0);
    // Another client has not seen it speak TLS.
    await expect(client().head(insecure(after.origin), latest, ask())).resolves.toBeDefined();
  });

  test('never to a host that completed a handshake and then fell silent', async () => {
    const before = await serving(() => ({ fault: 'silence' }), { tls: good });
    const registry = client();
    await failureOf(
      registry.head(insecure(before.origin), latest, ask({ signal: AbortSignal.timeout(200) })),
    );
    await before.close();
    const after = await serving(() => served, { port: before.port });
    expect((await failureOf(registry.head(insecure(after.origin), latest, ask()))).code).toBe('tls');
    expect(after.requests).toHaveLength(0);
  });

  test('not after a reset', async () => {
    let connections = 0;
    const port = await listening((socket) => {
      connections++;
      socket.on('data', () => socket.resetAndDestroy());
    });
    const failure = await failureOf(client().head(insecure(`http://127.0.0.1:${port}`), latest, ask()));
    expect(failure).toMatchObject({ code: 'unavailable', reason: 'ConnectionReset' });
    expect(connections).toBe(1);
  });
});
