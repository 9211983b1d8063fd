import { describe, expect, test } from '@jest/globals';
import type { Answer } from '../../../kit/fakes/scripted-registry.ts';
import { ask, client, endpoint, failureOf, latest, listening, served, serving } from './asking.ts';

describe('a host that cannot be asked', () => {
  test('refuses connections', async () => {
    const server = await serving(() => served);
    await server.close();
    const asking = ask();
    const failure = await failureOf(client().head(endpoint(server.origin), latest, asking));
    expect(failure).toMatchObject({ code: 'unavailable', reason: 'ConnectionRefused', status: null });
    expect(failure.message).toContain(`HEAD ${server.origin}/v2/library/nginx/manifests/latest`);
    expect(asking.tally.requests).toBe(0);
  });

  test('has no address', async () => {
    const failure = await failureOf(client().head(endpoint('https://nowhere.invalid'), latest, ask()));
    expect(failure).toMatchObject({ code: 'unavailable', reason: 'NameNotFound' });
  });

  test('resets the connection, and is not asked again', async () => {
    const server = await serving(() => ({ fault: 'reset' }));
    const asking = ask();
    const failure = await failureOf(client().head(endpoint(server.origin), latest, asking));
    expect(failure).toMatchObject({ code: 'unavailable', reason: 'ConnectionReset' });
    expect(server.requests).toHaveLength(1);
    expect(asking.tally.requests).toBe(1);
  });

  test('speaks another protocol', async () => {
    const port = await listening((socket) => socket.write('SSH-2.0-OpenSSH_9.2\r\n'));
    const failure = await failureOf(client().head(endpoint(`http://127.0.0.1:${port}`), latest, ask()));
    expect(failure).toMatchObject({ code: 'malformed', reason: 'NotHttp' });
  });
});

describe('the end of an attempt', () => {
  const stuck: Record<string, Answer> = {
    'before the headers': { fault: 'silence' },
    'in the body': { ...served, headers: { 'content-length': '100000' }, body: 'x' },
    'in the body of a redirect': {
      status: 307,
      headers: { location: '/', 'content-length': '1000' },
      body: 'x',
    },
  };
  test.each(Object.entries(stuck))('stops a wait %s when the time is up', async (_title, answer) => {
    const server = await serving(() => answer);
    const asking = ask({ signal: AbortSignal.timeout(150) });
    const failure = await failureOf(client().manifest(endpoint(server.origin), latest, asking));
    expect(failure).toMatchObject({ code: 'unavailable', reason: 'Timeout' });
    expect(asking.tally.requests).toBe(1);
  });

  test('stops a wait for a connection, and so does the end of the client', async () => {
    const port = await listening(() => undefined);
    const registry = client();
    const began = performance.now();
    const asking = ask({ signal: AbortSignal.timeout(150) });
    const failure = await failureOf(registry.head(endpoint(`https://127.0.0.1:${port}`), latest, asking));
    expect(failure).toMatchObject({ code: 'unavailable', reason: 'Timeout' });
    await registry.close();
    expect(performance.now() - began).toBeLessThan(3000);
  });

  test('in the body of an error leaves what the status says', async () => {
    const server = await serving(() => ({ status: 500, headers: { 'content-length': '1000' }, body: 'x' }));
    const asking = ask({ signal: AbortSignal.timeout(1_000) });
    const failure = await failureOf(client().manifest(endpoint(server.origin), latest, asking));
    expect(failure).toMatchObject({ code: 'unavailable', status: 500 });
  });

  test('stops a wait for a token', async () => {
    const tokens = await serving(() => ({ fault: 'silence' }));
    const server = await serving(() => ({
      status: 401,
      headers: { 'www-authenticate': `Bearer realm="${tokens.origin}/"` },
    }));
    const asking = ask({ signal: AbortSignal.timeout(150) });
    const failure = await failureOf(client().head(endpoint(server.origin), latest, asking));
    expect(failure).toMatchObject({ code: 'unavailable', reason: 'Timeout' });
  });

  test('comes at once when the caller goes away', async () => {
    const server = await serving(() => ({ fault: 'silence' }));
    const caller = new AbortController();
    const asked = failureOf(client().head(endpoint(server.origin), latest, ask({ signal: caller.signal })));
    setTimeout(() => caller.abort(), 50);
    const began = performance.now();
    expect(await asked).toMatchObject({ code: 'unavailable', reason: 'Cancelled' });
    expect(performance.now() - began).toBeLessThan(1000);
  });

  test('does not hold the next attempt up', async () => {
    let silent = true;
    const server = await serving(() => (silent ? { fault: 'silence' } : served));
    const registry = client();
    const stuckOnes = Array.from({ length: 50 }, () =>
      failureOf(registry.head(endpoint(server.origin), latest, ask({ signal: AbortSignal.timeout(100) }))),
    );
    await Promise.all(stuckOnes);
    silent = false;
    await expect(registry.head(endpoint(server.origin), latest, ask())).resolves.toBeDefined();
  });
});

test('a credentials provider that fails is passed on as it is', async () => {
  const server = await serving(() => ({ status: 401, headers: { 'www-authenticate': 'Basic realm="x"' } }));
  const credentials = () => Promise.reject(new Error('the secret store is down'));
  await expect(client().head(endpoint(server.origin), latest, ask({ credentials }))).rejects.toThrow(
    'secret store',
  );
});
