import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { anonymous } from '../../../../src/resolve/credentials/credential.ts';
import type { Inspection, InspectRequest } from '../../../../src/resolve/inspection/inspection.ts';
import {
  EngineApiListener,
  type EngineApiListenerOptions,
} from '../../../../src/serve/engine-api/engine-api-listener.ts';
import { rawRequest } from '../../../kit/engine-api/raw-request.ts';
import { inspection } from '../../../kit/fakes/inspections.ts';

const path = '/distribution/hello/json';
const running: EngineApiListener[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((listener) => listener.stop()));
});

interface Started {
  readonly listener: EngineApiListener;
  readonly to: { readonly host: string; readonly port: number };
  readonly errors: unknown[];
  /** Status of each request that has ended. */
  readonly answered: readonly (number | null)[];
}

type Inspect = (request: InspectRequest) => Promise<Inspection>;

async function start(inspect: Inspect, options: Partial<EngineApiListenerOptions> = {}): Promise<Started> {
  const errors: unknown[] = [];
  const answered: (number | null)[] = [];
  const listener = new EngineApiListener({
    address: { kind: 'tcp', host: '127.0.0.1', port: 0 },
    version: 'test',
    lookup: () => ({
      inspector: { peek: () => null, inspect },
      credentialsOf: () => anonymous,
      timeoutMs: 10_000,
    }),
    observer: { answered: (status) => answered.push(status), requestFailed: (error) => errors.push(error) },
    drain: { graceMs: 0, lingerMs: 0, deadlineMs: 5_000 },
    ...options,
  });
  running.push(listener);
  const bound = await listener.start();
  if (bound.kind !== 'tcp') throw new Error('bound to no TCP port');
  return { listener, to: { host: '127.0.0.1', port: bound.port }, errors, answered };
}

const absent = ({ reference }: InspectRequest): Inspection => inspection({ reference });

const answerAbsent: Inspect = (request) => Promise.resolve(absent(request));

/** Answers when it is told to, or when its caller goes. */
function held() {
  const requests: { readonly request: InspectRequest; readonly release: () => void }[] = [];
  const inspect: Inspect = (request) =>
    new Promise((resolve) => {
      const release = () => resolve(absent(request));
      request.deadline.signal.addEventListener('abort', release, { once: true });
      requests.push({ request, release });
    });
  return { requests, inspect };
}

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setImmediate(resolve));
}

/** Everything that comes on a connection after `text` was sent, until it ends. */
async function exchange({ port }: Started['to'], text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk)).on('error', () => {});
  socket.write(text);
  await once(socket, 'close');
  return Buffer.concat(chunks).toString();
}

describe('64 look-ups at once', () => {
  test('are served, and the next one is told to come again, while the ping answers', async () => {
    const { requests, inspect } = held();
    const { to } = await start(inspect);
    const first = Array.from({ length: 64 }, () => rawRequest(to, { path }));
    await until(() => requests.length === 64);
    const next = await rawRequest(to, { path });
    expect(next).toMatchObject({ status: 503, headers: { 'retry-after': '1', 'api-version': '1.51' } });
    expect((await rawRequest(to, { path: '/_ping' })).status).toBe(200);
    for (const { release } of requests) release();
    expect((await Promise.all(first)).map(({ status }) => status)).toEqual(Array<number>(64).fill(404));
    expect(requests).toHaveLength(64);
    const later = rawRequest(to, { path });
    await until(() => requests.length === 65);
    requests[64]?.release();
    expect((await later).status).toBe(404);
  });

  test('that are all given up leave room for 64 others', async () => {
    const { requests, inspect } = held();
    const { to } = await start(inspect);
    const gone = new AbortController();
    const first = Array.from({ length: 64 }, () =>
      rawRequest(to, { path, signal: gone.signal }).catch(() => 'gone'),
    );
    await until(() => requests.length === 64);
    gone.abort();
    await until(() => requests.every(({ request }) => request.deadline.signal.aborted));
    expect(new Set(await Promise.all(first))).toEqual(new Set(['gone']));
    const next = rawRequest(to, { path });
    await until(() => requests.length === 65);
    requests[64]?.release();
    expect((await next).status).toBe(404);
  });
});

test('a client that goes away cancels its look-up, and no error is reported', async () => {
  const { requests, inspect } = held();
  const { to, errors, answered } = await start(inspect);
  const client = new AbortController();
  const answer = rawRequest(to, { path, signal: client.signal }).catch(() => 'gone');
  await until(() => requests.length === 1);
  expect(requests[0]?.request).toMatchObject({
    purpose: 'interactive',
    allEndpoints: false,
    asNode: false,
  });
  expect(requests[0]?.request.deadline.signal.aborted).toBe(false);
  client.abort();
  expect(await answer).toBe('gone');
  await until(() => requests[0]?.request.deadline.signal.aborted === true);
  await until(() => answered.length > 0);
  expect(answered).toEqual([null]);
  expect(errors).toEqual([]);
});

test('a look-up that throws is a 500 without its words, is reported, and takes no place', async () => {
  const { to, errors, answered } = await start(() => Promise.reject(new Error('secret detail')));
  for (let index = 0; index < 65; index++) {
    const { status, body, headers } = await rawRequest(to, { path });
    expect([status, body, headers['content-type']]).toEqual([
      500,
      '{"message":"internal error"}\n',
      'application/json',
    ]);
  }
  expect(errors).toHaveLength(65);
  await until(() => answered.length === 65);
  expect(new Set(answered)).toEqual(new Set([500]));
});

test('an answer that the document does not allow is a 500', async () => {
  const { to, errors } = await start((request) =>
    Promise.resolve({ ...absent(request), result: 'available', mediaType: '', size: -1 }),
  );
  expect((await rawRequest(to, { path })).status).toBe(500);
  expect(errors).toHaveLength(1);
});

describe('stopping', () => {
  test('lets the look-ups under way finish, takes no others, and closes idle connections', async () => {
    const { requests, inspect } = held();
    const { listener, to } = await start(inspect);
    const idle = connect(to.port, to.host);
    await once(idle, 'connect');
    const answer = rawRequest(to, { path });
    await until(() => requests.length === 1);
    const stopped = listener.stop();
    const closed = once(idle, 'close');
    await new Promise((resolve) => setImmediate(resolve));
    requests[0]?.release();
    expect((await answer).status).toBe(404);
    await stopped;
    await closed;
    await expect(rawRequest(to, { path: '/_ping' })).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  test('cuts what is still under way when its time is over', async () => {
    const { requests, inspect } = held();
    const { listener, to } = await start(inspect, { drain: { graceMs: 0, lingerMs: 0, deadlineMs: 50 } });
    const answer = rawRequest(to, { path }).catch((error: NodeJS.ErrnoException) => error.code);
    await until(() => requests.length === 1);
    await listener.stop();
    expect(await answer).toBe('ECONNRESET');
    await until(() => requests[0]?.request.deadline.signal.aborted === true);
  });
});

describe('a connection that brings no request', () => {
  test.each([
    ['nothing at all', ''],
    ['half a request line', 'GET /_pi'],
    ['headers that do not end', 'GET /_ping HTTP/1.1\r\nHost: localhost\r\nX-A: b\r\n'],
    ['a body that does not come', 'POST /_ping HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\n'],
  ])('but %s is answered and closed in time', async (_what, text) => {
    const { to } = await start(answerAbsent, { requestTimeoutMs: 100 });
    const answer = await exchange(to, text);
    expect(answer).toMatch(/^HTTP\/1\.1 (?:408 Request Timeout|404 Not Found)\r\n/);
    expect(answer).toContain('{"message":');
  });

  test.each([
    ['what is not HTTP', 'hello\r\n\r\n', 400],
    ['the first bytes of TLS', '\u0016\u0003\u0001\u0002\u0000\u0001', 400],
    [
      'two lengths',
      'GET /_ping HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n',
      400,
    ],
    [
      'headers of more than 64 KiB',
      `GET /_ping HTTP/1.1\r\nHost: localhost\r\nX-A: ${'a'.repeat(70_000)}\r\n\r\n`,
      431,
    ],
  ])('but %s is answered as other errors are', async (_what, text, status) => {
    const { to } = await start(answerAbsent);
    const answer = await exchange(to, text);
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(answer).toContain('content-type: application/json\r\n');
    expect(JSON.parse(answer.slice(answer.indexOf('{')))).toHaveProperty('message');
  });

  test('but is reset is forgotten, and others are served', async () => {
    const { to } = await start(answerAbsent);
    const socket: Socket = connect(to.port, to.host);
    await once(socket, 'connect');
    socket.write('GET /_ping HT');
    socket.resetAndDestroy();
    expect((await rawRequest(to, { path: '/_ping' })).status).toBe(200);
  });
});

test('a header of 60 KiB is read', async () => {
  const { to } = await start(answerAbsent);
  const headers = { 'x-registry-auth': 'a'.repeat(60 * 1024) };
  expect((await rawRequest(to, { path, headers })).status).toBe(404);
});

test('requests on one connection are answered in order, bodies or not', async () => {
  const { to } = await start(answerAbsent);
  const head = 'Host: localhost\r\n';
  const answer = await exchange(
    to,
    `POST /_ping HTTP/1.1\r\n${head}Content-Length: 5\r\n\r\nhelloGET /_ping HTTP/1.1\r\n${head}\r\nHEAD /_ping HTTP/1.1\r\n${head}Connection: close\r\n\r\n`,
  );
  expect([...answer.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status)).toEqual([
    '404',
    '200',
    '200',
  ]);
});

test('every request is answered by what is in use when it comes', async () => {
  let used = 0;
  const lookup = () => {
    used++;
    return {
      inspector: { peek: () => null, inspect: answerAbsent },
      credentialsOf: () => anonymous,
      timeoutMs: 1_000,
    };
  };
  const { to } = await start(answerAbsent, { lookup });
  await rawRequest(to, { path });
  await rawRequest(to, { path: '/_ping' });
  await rawRequest(to, { path });
  expect(used).toBe(2);
});

test('a port that is taken is named with its key', async () => {
  const { to } = await start(answerAbsent);
  const address = { kind: 'tcp', host: to.host, port: to.port } as const;
  await expect(start(answerAbsent, { address })).rejects.toMatchObject({
    code: 'EADDRINUSE',
    message: expect.stringContaining('server.engineApi.listen') as unknown,
  });
  running.pop();
});
