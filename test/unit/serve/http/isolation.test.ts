/** What one client does to others: bodies, connections and processor time, over real TLS sockets. */

import { once } from 'node:events';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { TLSSocket } from 'node:tls';
import { connect } from 'node:tls';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { ConnectionRejection } from '../../../../src/serve/http/limits/connection-limits.ts';
import type { RequestRejection } from '../../../../src/serve/http/webhook-listener.ts';
import { authority } from '../../../kit/fakes/certificates.ts';
import { type Listening, listening, rawSocket, send, silentObserver } from './listening.ts';

const open: Listening[] = [];
const sockets: TLSSocket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await Promise.all(open.splice(0).map(({ listener }) => listener.stop()));
});

async function start(options: Parameters<typeof listening>[0] = {}) {
  const requests: RequestRejection[] = [];
  const connections: ConnectionRejection[] = [];
  const observer = {
    ...silentObserver,
    requestRejected: (reason: RequestRejection) => void requests.push(reason),
    connectionRejected: (reason: ConnectionRejection) => void connections.push(reason),
  };
  const started = await listening({ observer, ...options });
  open.push(started);
  return { ...started, requests, connections };
}

const review = Buffer.from(JSON.stringify({ request: { uid: 'u' }, padding: 'x'.repeat(4_000) }));

describe('unfinished bodies', () => {
  test('34 of 2 MiB do not keep 500 honest reviews from being answered', async () => {
    const at = await start();
    const part = Buffer.alloc(2 * 1024 * 1024);
    for (let count = 0; count < 34; count++) {
      const socket = await rawSocket(at);
      sockets.push(socket);
      socket.write('POST /mutate HTTP/1.1\r\nhost: localhost\r\ncontent-length: 7000000\r\n\r\n');
      socket.write(part);
    }
    const statuses = new Set<number>();
    for (let sent = 0; sent < 500; sent += 50) {
      const answers = await Promise.all(Array.from({ length: 50 }, () => send(at, '/mutate', review)));
      for (const { status } of answers) statuses.add(status);
    }
    expect([...statuses]).toEqual([200]);
    // A large honest body is complete before it is the oldest.
    expect((await send(at, '/mutate', part)).status).toBe(200);
  });

  test('a body that is not complete in time is answered with 408 and its connection closed', async () => {
    const at = await start({ bodyLimits: { timeMs: 100 } });
    const socket = await rawSocket(at);
    sockets.push(socket);
    socket.write('POST /mutate HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100\r\n\r\nabc');
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 408 /);
    await once(socket, 'close');
    expect(at.requests).toEqual(['late']);
  });
});

describe('idle connections', () => {
  test('more than the limit of a peer do not keep a request of the same peer out', async () => {
    const at = await start({ connectionLimits: { perPeer: 20 } });
    for (let count = 0; count < 30; count++) sockets.push(await rawSocket(at));
    expect((await send(at, '/mutate', review)).status).toBe(200);
    expect(at.connections.length).toBeGreaterThanOrEqual(10);
  });
});

describe('large bodies', () => {
  const manyKeys = (keys: number) =>
    Buffer.from(
      JSON.stringify({
        kind: 'AdmissionReview',
        request: { uid: 'u-1' },
        object: Object.fromEntries(Array.from({ length: keys }, (_, n) => [`key-${n}`, n])),
      }).replace('"kind":"AdmissionReview","request"', '"kind":"AdmissionReview","apiVersion":"x","request"'),
    );

  test('one with too many keys is denied with its UID before it is parsed', async () => {
    const at = await start();
    const answer = await send(at, '/validate', manyKeys(60_000));
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body)).toMatchObject({ response: { uid: 'u-1', allowed: false } });
    expect(at.requests).toEqual(['too-many-keys']);
  });

  test('64 at once are parsed one per turn of the event loop', async () => {
    let parsedInTurn = 0;
    let most = 0;
    const at = await start({
      handle: (_, body) => {
        JSON.parse(body.toString());
        parsedInTurn += 1;
        most = Math.max(most, parsedInTurn);
        setImmediate(() => {
          parsedInTurn = 0;
        });
        return { status: 200, body: '{}' };
      },
    });
    const delay = monitorEventLoopDelay({ resolution: 5 });
    delay.enable();
    const body = manyKeys(30_000);
    const answers = await Promise.all(Array.from({ length: 64 }, () => send(at, '/mutate', body)));
    delay.disable();
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(most).toBe(1);
  });
});

describe('client certificates', () => {
  test('clients without a certificate of the CA fail in the handshake, and other names get 403', async () => {
    const ca = await authority('Client CA');
    const other = await authority('Other CA');
    const at = await start({ clients: { ca: ca.cert, names: ['kube-apiserver'] } });
    const usage = 'client' as const;
    const [good, wrongName, foreign] = await Promise.all([
      ca.leaf({ names: ['kube-apiserver'], usage }),
      ca.leaf({ names: ['somebody'], usage }),
      other.leaf({ names: ['kube-apiserver'], usage }),
    ]);
    expect((await send(at, '/mutate', review, good)).status).toBe(200);
    expect((await send(at, '/mutate', review, wrongName)).status).toBe(403);
    await expect(send(at, '/mutate', review, foreign)).rejects.toThrow();
    await expect(send(at, '/mutate', review)).rejects.toThrow();
    expect(at.requests).toEqual(['client-certificate']);
  });

  test('clients from other networks are disconnected before the handshake', async () => {
    const at = await start({ connectionLimits: { isAllowed: () => false } });
    const socket = connect({ host: '127.0.0.1', port: at.port, ca: at.ca });
    socket.on('error', () => undefined);
    await new Promise((resolve) => socket.once('close', resolve));
    expect(at.connections).toEqual(['not-allowed']);
  });
});
