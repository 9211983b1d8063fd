/** The webhook's process from outside: bad input, its end under load, ports in use. Certificates are `certificates.test.ts`'s. */
import { randomUUID } from 'node:crypto';
import { Agent } from 'node:https';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { multiArch } from '../kit/registries/images.ts';
import { pod, review } from '../kit/fakes/pods.ts';
import { scriptedRegistry } from '../kit/fakes/scripted-registry.ts';
import { admit, admitted, reviewOf, send } from '../kit/pratique/admission.ts';
import { pratique } from '../kit/pratique/command.ts';
import { listeners, type NodeFiles, nodeFiles } from './support/node-files.ts';
import { type Server, startServer } from '../kit/pratique/server.ts';

jest.setTimeout(60_000);
const cleanup = new AsyncDisposableStack();
afterAll(() => cleanup.disposeAsync());

const image = multiArch(['linux/amd64']);
const web = pod('web').container('registry.test/team/app:1').build();

/** A node whose registry has one image under every tag; `slow` is told after a second. */
async function nodeWithRegistry(): Promise<NodeFiles> {
  const { mediaType, digest, body } = image.root;
  const registry = cleanup.use(
    await scriptedRegistry(({ url }) => ({
      headers: { 'content-type': mediaType, 'docker-content-digest': digest },
      body,
      delayMs: url.includes('/slow') ? 1_000 : 0,
    })),
  );
  return cleanup.use(await nodeFiles({ 'registry.test': { server: registry.origin } }));
}

describe('bad input', () => {
  const limit = 7 * 2 ** 20;
  let server: Server;
  beforeAll(async () => {
    server = cleanup.use(await startServer((await nodeWithRegistry()).configuration));
  });

  /** A good review of exactly `bytes` bytes. */
  const padded = (bytes: number) => reviewOf(web).padEnd(bytes, ' ');
  const { request } = review(web) as { request: object };
  const other = (members: object) => JSON.stringify({ ...review(web), ...members });

  test('a body of exactly 7 MiB is served', async () => {
    const reply = await send(server, '/mutate', padded(limit));
    expect(reply.status).toBe(200);
    expect(admitted(reply).patch[0]?.value).toBe(`registry.test/team/app:1@${image.root.digest}`);
  });

  test.each<[string, number, string, string | Buffer]>([
    ['one byte more than 7 MiB', 413, 'larger than 7340032 bytes', padded(limit + 1)],
    ['nothing', 400, 'NotJson', ''],
    ['JSON that breaks off', 400, 'NotJson', reviewOf(web).slice(0, -40)],
    ['a little JSON, nested deep', 400, 'NotAReview', '['.repeat(20_000) + ']'.repeat(20_000)],
    ['megabytes of brackets', 400, 'TooDeep', '['.repeat(6 * 2 ** 20)],
    ['bytes that are not UTF-8', 400, 'NotUtf8', Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d])],
    ['a pod and no review', 400, 'NotAReview', JSON.stringify(web)],
    ['null', 400, 'NotAReview', 'null'],
    [
      'the version that is gone',
      400,
      'admission.k8s.io/v1',
      other({ apiVersion: 'admission.k8s.io/v1beta1' }),
    ],
    ['no request', 400, 'NoUid', other({ request: null })],
    ['no uid', 400, 'NoUid', other({ request: { ...request, uid: '' } })],
    [
      'a kind without pods',
      400,
      'Kind',
      other({ request: { ...request, kind: { group: '', version: 'v1', kind: 'Secret' } } }),
    ],
    ['no object', 400, 'NoObject', other({ request: { ...request, object: null } })],
    ['a prototype for an object', 400, 'NotAReview', '{"__proto__":{"kind":"AdmissionReview"}}'],
  ])('%s: %i', async (_, status, words, body) => {
    for (const path of ['/mutate', '/validate']) {
      const reply = await send(server, path, body);
      expect(reply.status).toBe(status);
      expect(reply.headers['content-type']).toContain('application/json');
      expect(JSON.stringify(JSON.parse(reply.body))).toContain(words);
      expect(Buffer.byteLength(reply.body)).toBeLessThan(1_024);
    }
  });

  test.each([
    ['GET', '/mutate', 405],
    ['PUT', '/validate', 405],
    ['POST', '/', 404],
    ['POST', '/mutate/', 404],
    ['POST', '/../validate/x', 404],
  ])('%s %s: %i', async (method, path, status) => {
    const reply = await send(server, path, reviewOf(web), { method });
    expect(reply.status).toBe(status);
    expect(JSON.parse(reply.body)).toHaveProperty('error');
  });

  test.each([
    ['an image that cannot be parsed', 'team/App:1'],
    ['an empty image', ''],
    ['the reserved name', 'scratch'],
    ['control characters', 'nginx:\u001b[31m1'],
  ])('%s in a pod is a denial that names the container', async (_, image) => {
    const answer = await admit(server, '/validate', pod('web').container(image).build());
    expect(answer).toMatchObject({ allowed: false, message: expect.stringContaining('container "c0"') });
    expect(answer.message).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
  });

  test('a client that goes away in the middle disturbs nobody', async () => {
    const sent = Array.from({ length: 20 }, async () => {
      const agent = new Agent({ keepAlive: true });
      const reply = send(server, '/mutate', padded(limit), { agent });
      await sleep(20);
      agent.destroy();
      return reply.then(
        () => 'answered',
        () => 'gone',
      );
    });
    expect(await Promise.all(sent)).toContain('gone');
    expect((await admit(server, '/validate', web)).allowed).toBe(true);
  });

  test('after all of this it is the same process, and nothing went wrong inside', async () => {
    expect((await admit(server, '/mutate', web)).patch).not.toEqual([]);
    expect(server.log.filter(({ level }) => level === 'error')).toEqual([]);
    expect(server.stderr).toBe('');
  });
});

describe('the end', () => {
  test('with nothing to do, SIGTERM ends it soon, with status 0', async () => {
    const server = cleanup.use(await startServer((await nodeWithRegistry()).configuration));
    const began = performance.now();
    expect(await server.stop()).toBe(0);
    expect(performance.now() - began).toBeLessThan(10_000);
    expect(() => process.kill(server.pid, 0)).toThrow('ESRCH');
    const events = server.log.map(({ event }) => event).filter((event) => event !== 'readiness-check-failed');
    expect(events.slice(-2)).toEqual(['stopping', 'stopped']);
  });

  test('under load, SIGTERM fails not one of hundreds of requests', async () => {
    const server = cleanup.use(await startServer((await nodeWithRegistry()).configuration));
    let stopping = false;
    const answered: boolean[] = [];
    /** Connects like the API server: one connection after the other, until one says that this replica goes away. */
    const client = async () => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      for (;;) {
        const reply = await send(server, '/mutate', reviewOf(web), { agent });
        expect(admitted(reply).patch).not.toEqual([]);
        answered.push(stopping);
        if (reply.headers.connection === 'close') break;
      }
      agent.destroy();
    };
    const clients = Array.from({ length: 16 }, client);
    while (answered.length < 300) await sleep(5);
    // The registry takes a second for these: they are in flight when the end comes.
    const slow = pod('slow').container('registry.test/team/slow:1').build();
    const inFlight = Array.from({ length: 8 }, () => admit(server, '/mutate', slow));
    await sleep(100);
    stopping = true;
    const ended = server.stop();
    await Promise.all(clients);
    for (const { patch } of await Promise.all(inFlight)) expect(patch).not.toEqual([]);
    expect(answered.filter((late) => late).length).toBeGreaterThanOrEqual(16);
    expect(await ended).toBe(0);
    expect(() => process.kill(server.pid, 0)).toThrow('ESRCH');
  });

  test('while it drains it says so in its readiness', async () => {
    const server = cleanup.use(await startServer((await nodeWithRegistry()).configuration));
    expect((await fetch(`${server.metricsUrl}/readyz`)).status).toBe(200);
    const ended = server.stop();
    await server.event('stopping');
    const readiness = await fetch(`${server.metricsUrl}/readyz`);
    expect([readiness.status, await readiness.text()]).toEqual([503, expect.stringContaining('stopping')]);
    expect(await ended).toBe(0);
  });
});

describe('a port in use', () => {
  test.each(['webhook', 'metrics'] as const)(
    'of the %s listener: status 1, and the key to blame',
    async (name) => {
      await using taken = new AsyncDisposableStack();
      const other = createServer();
      await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
      taken.defer(() => void other.close());
      const listen = `127.0.0.1:${(other.address() as { port: number }).port}`;
      const node = cleanup.use(await nodeFiles({}, { server: { ...listeners, [name]: { listen } } }));
      const { status, stdout } = await pratique(['serve', '--config', node.configuration]);
      expect(status).toBe(1);
      const last = stdout.trim().split('\n').at(-1) ?? '';
      expect(JSON.parse(last)).toMatchObject({
        level: 'error',
        event: 'fatal',
        error: expect.stringContaining(
          `server.${name}.listen: cannot listen on ${listen}: the address is in use`,
        ),
      });
    },
  );
});

test('every answer echoes the uid of its request', async () => {
  const server = cleanup.use(await startServer((await nodeWithRegistry()).configuration));
  const uids = Array.from({ length: 20 }, () => randomUUID());
  const replies = await Promise.all(uids.map((uid) => send(server, '/mutate', reviewOf(web, { uid }))));
  const echoed = replies.map(({ body }) => (JSON.parse(body) as { response: { uid: string } }).response.uid);
  expect(echoed).toEqual(uids);
});
