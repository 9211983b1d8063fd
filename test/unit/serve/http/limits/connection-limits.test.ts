import { once } from 'node:events';
import { createServer, get } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from '@jest/globals';
import {
  type ConnectionLimits,
  type ConnectionRejection,
  limitConnections,
} from '../../../../../src/serve/http/limits/connection-limits.ts';

let close = () => {};
afterEach(() => close());

const generous: ConnectionLimits = { total: 100, perPeer: 100, unusedMs: 60_000, isAllowed: null };

async function serving(limits: Partial<ConnectionLimits>) {
  const rejected: ConnectionRejection[] = [];
  const server = createServer((_, response) => response.end('ok'));
  limitConnections(server, { ...generous, ...limits }, (reason) => rejected.push(reason));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const sockets: Socket[] = [];
  close = () => {
    for (const socket of sockets) socket.destroy();
    server.close().closeAllConnections();
  };
  return {
    rejected,
    /** An idle connection. */
    idle: async (localAddress = '127.0.0.1') => {
      const socket = connect({ host: '127.0.0.1', port, localAddress });
      socket.on('error', () => undefined);
      sockets.push(socket);
      await once(socket, 'connect');
      await sleep(20);
      return socket;
    },
    request: (localAddress = '127.0.0.1') =>
      new Promise<number>((resolve) => {
        const outgoing = get({ host: '127.0.0.1', port, localAddress, agent: false }, (response) =>
          resolve(response.resume().statusCode ?? 0),
        );
        outgoing.on('error', () => resolve(0));
      }),
  };
}

const isOpen = (socket: Socket) => !socket.closed && !socket.readableEnded && socket.readable;

describe('limitConnections', () => {
  test('closes the oldest idle connection of a peer at its limit and serves its new one', async () => {
    const { idle, request, rejected } = await serving({ perPeer: 2 });
    const sockets = [await idle(), await idle()];
    expect(await request()).toBe(200);
    await sleep(20);
    expect(sockets.map(isOpen)).toEqual([false, true]);
    expect(rejected).toEqual(['too-many']);
  });

  test('closes an idle connection of the largest peer at the total limit and serves another peer', async () => {
    const { idle, request } = await serving({ total: 3 });
    const flood = [await idle(), await idle()];
    const other = await idle('127.0.0.2');
    expect(await request('127.0.0.3')).toBe(200);
    expect([...flood.map(isOpen), isOpen(other)]).toEqual([false, true, true]);
  });

  test('closes a connection without a request in time and keeps one that was used', async () => {
    const { idle, rejected } = await serving({ unusedMs: 100 });
    const [unused, used] = [await idle(), await idle()];
    used.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
    await once(used, 'data');
    await once(unused.resume(), 'close');
    expect(isOpen(used)).toBe(true);
    expect(rejected).toEqual(['unused']);
  });

  test('closes connections from networks that are not allowed', async () => {
    const { request, rejected } = await serving({ isAllowed: (address) => address === '127.0.0.2' });
    expect([await request(), await request('127.0.0.2')]).toEqual([0, 200]);
    expect(rejected).toEqual(['not-allowed']);
  });
});
