import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { keepAlive, listening, quick, rawSocket, selfSigned, send } from './listening.ts';

const body = Buffer.from('{}');

describe('a roll-out', () => {
  test('1,000 requests over 20 connections kept alive, and none fails while one replica drains for another', async () => {
    const certificates = await selfSigned();
    const drain = { graceMs: 50, lingerMs: 1_000, deadlineMs: 2_000 };
    const handle = async () => {
      await sleep(1);
      return { status: 200, body: '{}' };
    };
    const old = await listening({ certificates, drain, handle });
    const next = await listening({ certificates, handle });
    const agents = new Map([old, next].map((replica) => [replica, keepAlive(20)]));
    // The Service: new connections go to the old replica until its endpoint is forgotten.
    let target = old;
    const closes: unknown[] = [];
    let left = 1_000;
    const client = async () => {
      while (left > 0) {
        left -= 1;
        // Like kube-proxy: a connection that is open stays where it is.
        const held = Object.keys(agents.get(old)?.freeSockets ?? {}).length > 0 ? old : target;
        const answer = await send(held, '/validate', body, { agent: agents.get(held) });
        expect(answer.status).toBe(200);
        closes.push(answer.headers.connection);
      }
    };
    const clients = Array.from({ length: 20 }, client);
    await sleep(30);
    const stopped = old.listener.stop();
    target = next;
    await Promise.all(clients);
    await stopped;
    expect(closes).toHaveLength(1_000);
    expect(closes).toContain('keep-alive');
    expect(closes.filter((header) => header === 'close')).toHaveLength(20);
    for (const agent of agents.values()) agent.destroy();
    await next.listener.stop();
  });
});

describe('drain', () => {
  test('serves as ever in the grace, and asks connections to leave after it', async () => {
    const at = await listening({ drain: { graceMs: 150, lingerMs: 200, deadlineMs: 500 } });
    const agent = keepAlive(1);
    const stopped = at.listener.stop();
    expect((await send(at, '/mutate', body, { agent })).headers.connection).toBe('keep-alive');
    await sleep(200);
    expect((await send(at, '/mutate', body, { agent })).headers.connection).toBe('close');
    // Still accepting: endpoints are forgotten at different times on different nodes.
    expect((await send(at, '/mutate', body)).status).toBe(200);
    await stopped;
    await expect(send(at, '/mutate', body)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    agent.destroy();
  });

  test('what is in flight is answered after the listener has closed', async () => {
    const entered = Promise.withResolvers<void>();
    const at = await listening({
      drain: { ...quick, deadlineMs: 5_000 },
      handle: async () => {
        entered.resolve();
        await sleep(200);
        return { status: 200, body: '{"late":true}' };
      },
    });
    const answer = send(at, '/mutate', body);
    await entered.promise;
    const stopped = at.listener.stop();
    await sleep(50);
    await expect(send(at, '/mutate', body)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    expect(await answer).toMatchObject({ status: 200, body: '{"late":true}' });
    await stopped;
  });

  test('a handler that never answers is cut at the deadline', async () => {
    const at = await listening({ handle: () => new Promise(() => undefined) });
    const answer = send(at, '/mutate', body).catch((error: Error) => error);
    await sleep(50);
    const began = performance.now();
    await at.listener.stop();
    expect(performance.now() - began).toBeLessThan(1_000);
    expect(await answer).toMatchObject({ code: 'ECONNRESET' });
  });

  test('idle connections do not hold it up', async () => {
    const at = await listening({ drain: { ...quick, deadlineMs: 60_000 } });
    const socket = await rawSocket(at);
    const agent = keepAlive(1);
    await send(at, '/mutate', body, { agent });
    await at.listener.stop();
    socket.destroy();
    agent.destroy();
  });
});
