import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from '@jest/globals';
import { maxBodyBytes, type WebhookListenerOptions } from '../../../../src/serve/http/webhook-listener.ts';
import {
  keepAlive,
  type Listening,
  listening,
  rawSocket,
  send,
  silentObserver,
  untilClosed,
} from './listening.ts';

const mebibyte = 1024 * 1024;
const head = 'POST /mutate HTTP/1.1\r\nhost: localhost\r\n';
const open: Listening[] = [];

async function start(options: Partial<WebhookListenerOptions> = {}): Promise<Listening> {
  const started = await listening(options);
  open.push(started);
  return started;
}

/** Answers with the length of the body that it was given. */
const measuring: Partial<WebhookListenerOptions> = {
  handle: async (webhook, body) => ({ status: 200, body: JSON.stringify({ webhook, length: body.length }) }),
};

afterEach(async () => {
  await Promise.all(open.splice(0).map(({ listener }) => listener.stop()));
});

describe('routes', () => {
  test.each([
    ['POST', '/mutate', 200],
    ['POST', '/validate', 200],
    ['POST', '/validate?timeout=3s', 200],
    ['GET', '/mutate', 405],
    ['DELETE', '/validate', 405],
    ['POST', '/', 404],
    ['POST', '/mutate/', 404],
    ['GET', '/metrics', 404],
    ['POST', '/constructor', 404],
  ])('%s %s is %i', async (method, path, status) => {
    const answer = await send(await start(), path, null, { method });
    expect(answer.status).toBe(status);
    expect(answer.headers['content-type']).toBe('application/json');
    expect(() => JSON.parse(answer.body)).not.toThrow();
  });

  test('the handler gets the webhook and the bytes, regardless of their content type', async () => {
    const body = Buffer.from([0, 255, 1, 254]);
    const seen: unknown[] = [];
    const at = await start({
      handle: async (...given) => {
        seen.push(given[0], given[1]);
        return { status: 418, body: Buffer.from('{"tea":"ä"}') };
      },
    });
    const answer = await send(at, '/validate', body, { headers: { 'content-type': 'text/plain' } });
    expect(seen).toEqual(['validate', body]);
    expect(answer).toMatchObject({ status: 418, body: '{"tea":"ä"}' });
  });

  test.each([
    ['/mutate?timeout=3s', 3_000],
    ['/mutate?a=b&timeout=30s', 30_000],
    ['/mutate', Number.POSITIVE_INFINITY],
    ['/mutate?timeout=', Number.POSITIVE_INFINITY],
    ['/mutate?timeout=-1s', Number.POSITIVE_INFINITY],
    ['/mutate?xtimeout=1s', Number.POSITIVE_INFINITY],
  ])('the handler gets the timeout of the client of %s', async (path, patienceMs) => {
    const told: number[] = [];
    const handle: WebhookListenerOptions['handle'] = (...given) => {
      told.push(given[3]);
      return { status: 200, body: '{}' };
    };
    await send(await start({ handle }), path, null);
    expect(told).toEqual([patienceMs]);
  });

  test('offers neither HTTP/2 nor TLS 1.1', async () => {
    const at = await start();
    const socket = await rawSocket(at);
    expect(socket.alpnProtocol).toBe(false);
    expect(['TLSv1.2', 'TLSv1.3']).toContain(socket.getProtocol());
    socket.destroy();
    await expect(send(at, '/mutate', null, { maxVersion: 'TLSv1.1', minVersion: 'TLSv1' })).rejects.toThrow();
  });
});

describe('limits', () => {
  test('serves 7 MiB with a Content-Length', async () => {
    const answer = await send(await start(measuring), '/mutate', Buffer.alloc(7 * mebibyte));
    expect(JSON.parse(answer.body)).toEqual({ webhook: 'mutate', length: 7 * mebibyte });
    expect(maxBodyBytes).toBe(7 * mebibyte);
  });

  test('serves 7 MiB in chunks', async () => {
    const chunks = Array.from({ length: 7 }, () => Buffer.alloc(mebibyte));
    const answer = await send(await start(measuring), '/mutate', chunks);
    expect(JSON.parse(answer.body)).toEqual({ webhook: 'mutate', length: 7 * mebibyte });
  });

  test.each([
    ['with a length', Buffer.alloc(7 * mebibyte + 1)],
    ['in chunks', [...Array.from({ length: 7 }, () => Buffer.alloc(mebibyte)), Buffer.alloc(1)]],
  ])('answers one byte more %s with 413 and keeps the connection', async (_, body) => {
    const at = await start(measuring);
    const agent = keepAlive(1);
    const tooLarge = await send(at, '/mutate', body, { agent });
    expect(tooLarge.status).toBe(413);
    expect(JSON.parse(tooLarge.body)).toEqual({ error: expect.stringContaining('7340032') });
    expect((await send(at, '/mutate', Buffer.from('x'), { agent })).status).toBe(200);
    agent.destroy();
  });

  test('the 413 reaches a client that asks for its connection to be closed', async () => {
    const at = await start(measuring);
    for (let tries = 0; tries < 10; tries++) {
      const rejected = await send(at, '/mutate', Buffer.alloc(7 * mebibyte + 1), { agent: false });
      expect(rejected).toMatchObject({ status: 413, headers: { connection: 'close' } });
    }
  });

  test('rejects an endless body and closes the connection', async () => {
    // Time enough to send 7 MiB on a busy machine.
    const at = await start({ ...measuring, requestTimeoutMs: 2_000 });
    const socket = await rawSocket(at);
    const closed = untilClosed(socket);
    socket.write(`${head}transfer-encoding: chunked\r\n\r\n`);
    const chunk = Buffer.concat([Buffer.from('100000\r\n'), Buffer.alloc(mebibyte), Buffer.from('\r\n')]);
    const endless = setInterval(() => socket.write(chunk), 20);
    expect(await closed).toMatch(/^HTTP\/1\.1 413 /);
    clearInterval(endless);
  });

  test.each([
    ['a header that never ends', 'POST /mutate HTTP/1.1\r\nhost: loc'],
    ['a body that never ends', `${head}content-length: 100\r\n\r\nabc`],
    ['a Content-Length that is too large', `${head}content-length: 7340032\r\n\r\n{}`],
  ])('closes a connection with %s after the request timeout', async (_, bytes) => {
    const at = await start({ ...measuring, requestTimeoutMs: 200 });
    const socket = await rawSocket(at);
    socket.write(bytes);
    expect(await untilClosed(socket)).toMatch(/^HTTP\/1\.1 408 /);
  });

  test.each([
    ['text that is not HTTP', 'hello\r\n\r\n', 400],
    ['two Content-Lengths', `${head}content-length: 1\r\ncontent-length: 2\r\n\r\n{}`, 400],
    [
      'Content-Length with chunks',
      `${head}content-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
      400,
    ],
    ['a negative Content-Length', `${head}content-length: -1\r\n\r\n{}`, 400],
    ['headers of 20 kB', `${head}x: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
  ])('rejects %s and continues to serve', async (_, bytes, status) => {
    const at = await start(measuring);
    const socket = await rawSocket(at);
    socket.write(bytes);
    expect(await untilClosed(socket)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect((await send(at, '/mutate', null)).status).toBe(200);
  });
});

describe('failures', () => {
  test('answers 500 in JSON without the error when the handler rejects', async () => {
    const seen: unknown[] = [];
    const at = await start({
      handle: () => Promise.reject(new Error('hunter2')),
      observer: { ...silentObserver, handlerFailed: (...given) => seen.push(...given) },
    });
    const answer = await send(at, '/mutate', Buffer.from('{}'));
    expect(answer).toMatchObject({ status: 500, body: '{"error":"internal error"}' });
    expect(seen).toEqual(['mutate', expect.objectContaining({ message: 'hunter2' })]);
  });

  test('answers 500 when the handler throws synchronously', async () => {
    const handle = () => {
      throw new Error('at once');
    };
    expect((await send(await start({ handle }), '/mutate', null)).status).toBe(500);
  });

  test('aborts the signal when the client leaves and not otherwise', async () => {
    const signals: AbortSignal[] = [];
    const entered = Promise.withResolvers<void>();
    const at = await start({
      handle: async (webhook, _, signal) => {
        signals.push(signal);
        if (webhook === 'validate') return { status: 200, body: '{}' };
        entered.resolve();
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
        return { status: 200, body: '{}' };
      },
    });
    await send(at, '/validate', null);
    const socket = await rawSocket(at);
    socket.write(`${head}content-length: 2\r\n\r\n{}`);
    await entered.promise;
    expect(signals.map(({ aborted }) => aborted)).toEqual([false, false]);
    socket.destroy();
    while (signals[1]?.aborted !== true) await sleep(5);
    expect(signals.map(({ aborted }) => aborted)).toEqual([false, true]);
  });

  test('does not call the handler for a client that leaves during its body', async () => {
    let calls = 0;
    const at = await start({
      handle: async () => {
        calls += 1;
        return { status: 200, body: '{}' };
      },
    });
    const socket = await rawSocket(at);
    socket.write(`${head}content-length: 100\r\n\r\nabc`);
    await sleep(20);
    socket.destroy();
    await sleep(50);
    expect(calls).toBe(0);
    expect((await send(at, '/mutate', null)).status).toBe(200);
  });

  test('reports a client that does not trust the certificate to the observer', async () => {
    const failures: Error[] = [];
    const at = await start({
      observer: { ...silentObserver, handshakeFailed: (error) => failures.push(error) },
    });
    await expect(send({ ...at, ca: '' }, '/mutate', null, { maxVersion: 'TLSv1.2' })).rejects.toThrow();
    await sleep(50);
    const plain = await fetch(`http://127.0.0.1:${at.port}/mutate`).catch(() => 'refused');
    expect(plain).toBe('refused');
    expect(failures.length).toBeGreaterThan(0);
  });
});
