/** Cases without a request that say how the listener behaves, by the words of `given`. */
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EngineApiListener } from '../../../src/serve/engine-api/engine-api-listener.ts';
import { parseListenAddress } from '../../../src/serve/http/listen-address.ts';
import { type EngineServer, hostOf } from '../../kit/engine-api/engine-server.ts';
import { rawRequest } from '../../kit/engine-api/raw-request.ts';
import type { WholeResponse } from '../../kit/pratique/response-of.ts';
import { payloadOf, signed } from '../../unit/resolve/manifest/signed.ts';
import { equal, type Outcome } from '../runner.ts';
import type { Situation, SituationCheck } from './client-checks.ts';
import { compare, messageOf } from './expectations.ts';
import { scriptsOf, usual } from './scripts.ts';

const hello = '/distribution/hello/json';
/** For what waits for a time: shorter than the default, and as good. */
const timeoutMs = 600;

export const serverChecks: readonly SituationCheck[] = [
  [/^no endpoint answers$/, silence],
  [/^the client closes its connection$/, cancellation],
  [/^unix:\/path$/, socketFile],
  [/^every JSON answer$/, jsonText],
  [/^a request with X-Registry-Auth$/, secrets],
  [/^an? (?:un)?signed schema 1 manifest$/, schema1],
];

async function silence({ vector, hosts, fixtures }: Situation): Promise<Outcome> {
  const silent = () => ({ fault: 'silence' }) as const;
  const handlers = { ...usual(fixtures), mirror: silent, hub: silent };
  const settings = {
    registry: { resolutionTimeout: `${timeoutMs}ms`, endpointTimeout: '200ms' },
    server: { webhook: { deadline: '500ms' } },
  };
  await using server = await hosts.serve({ handlers, refusing: [] }, settings);
  const started = performance.now();
  const { status } = await rawRequest(server, { path: hello });
  // Three times its time: other programs share the machine.
  return equal([vector.want.status, true], [status, performance.now() - started < 3 * timeoutMs]);
}

/** A mirror that got a request sees its connection end when the client of the Engine API goes. */
async function cancellation({ hosts, fixtures }: Situation): Promise<Outcome> {
  const mirror = await silentServer();
  try {
    const { port } = mirror.address() as AddressInfo;
    const registry = { hosts: { [`${hostOf.mirror}:80`]: `127.0.0.1:${port}` } };
    await using server = await hosts.serve({ handlers: usual(fixtures), refusing: [] }, { registry });
    const client = new AbortController();
    const answer = rawRequest(server, { path: hello, signal: client.signal }).then(
      () => 'answered',
      () => 'gone',
    );
    const [socket] = (await once(mirror, 'connection')) as [Socket];
    await once(socket, 'data');
    const closed = once(socket, 'close');
    client.abort();
    await closed;
    return equal(['gone', 0, 0], [await answer, server.requests.hub.length, server.errors.length]);
  } finally {
    mirror.close();
  }
}

async function silentServer(): Promise<Server> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

async function socketFile(): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'socket-'));
  const path = join(folder, 's');
  try {
    const first = await listening(path);
    const mode = statSync(path).mode & 0o777;
    const second = await attempt(() => listening(path));
    await first.stop();
    const left = readdirSync(folder);
    await leaveStale(path);
    const stale = await listening(path);
    const ping = await rawRequest({ socketPath: path }, { path: '/_ping' });
    await stale.stop();
    writeFileSync(path, 'not a socket');
    const file = await attempt(() => listening(path));
    const long = await attempt(() => Promise.resolve(parseListenAddress(`unix:/${'x'.repeat(107)}`)));
    return equal(
      [0o660, 'EADDRINUSE', [], 200, 'EADDRINUSE', 'Syntax'],
      [mode, second, left, ping.status, file, long],
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function listening(path: string): Promise<EngineApiListener> {
  const listener = new EngineApiListener({
    address: { kind: 'unix', path },
    version: 'test',
    lookup: () => {
      throw new Error('no image is looked up here');
    },
    observer: { answered() {}, requestFailed() {} },
    drain: { graceMs: 0, lingerMs: 0, deadlineMs: 100 },
  });
  await listener.start();
  return listener;
}

/** The code of the error; `ok` without one. */
async function attempt(work: () => Promise<unknown>): Promise<string> {
  try {
    await work();
    return 'ok';
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
}

/** A socket's file as a process leaves it that is killed. */
async function leaveStale(path: string): Promise<void> {
  const { spawn } = await import('node:child_process');
  const program = `require('node:net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`;
  await once(spawn(process.execPath, ['-e', program]), 'exit');
}

async function jsonText(situation: Situation): Promise<Outcome> {
  await using server = await usually(situation);
  const paths = [
    hello,
    '/version',
    '/nothing',
    '/distribution/hello:nosuch/json',
    '/distribution/A%3C%26%3E/json',
  ];
  const answers: WholeResponse[] = [];
  for (const path of paths) answers.push(await rawRequest(server, { path }));
  const isComplete = answers.every(({ body }) => body.endsWith('}\n'));
  return equal([true, true], [isComplete, answers.at(-1)?.body.includes('A<&>') ?? false]);
}

function usually({ hosts, fixtures }: Situation): Promise<EngineServer> {
  return hosts.serve({ handlers: usual(fixtures), refusing: [] });
}

/** Nothing of the credential comes back, and what it opened stays closed to others. */
async function secrets({ vector, hosts, fixtures }: Situation): Promise<Outcome> {
  await using server = await hosts.serve(scriptsOf({ ...vector, given: 'Hub wants Basic' }, fixtures));
  const ask = (password: string | null) => {
    const json = JSON.stringify({ username: 'user', password });
    const header = Buffer.from(json).toString('base64').replaceAll('+', '-').replaceAll('/', '_');
    return rawRequest(server, { path: hello, headers: password ? { 'x-registry-auth': header } : {} });
  };
  const [wrong, right, anonymous] = [await ask('s3cret-word'), await ask('pass'), await ask(null)];
  const isTold = /s3cret-word/.test(messageOf(wrong));
  return equal([401, false, 200, 401], [wrong.status, isTold, right.status, anonymous.status]);
}

async function schema1({ vector, hosts, fixtures }: Situation): Promise<Outcome> {
  const manifest = {
    schemaVersion: 1,
    name: 'x/s',
    tag: 'latest',
    architecture: 'arm64',
    fsLayers: [],
    history: [],
  };
  const body = vector.given.includes(' unsigned ') ? payloadOf(manifest) : signed(manifest);
  const answer = {
    headers: { 'content-type': 'application/vnd.docker.distribution.manifest.v1+prettyjws' },
    body,
  };
  await using server = await hosts.serve({
    handlers: { ...usual(fixtures), hub: () => answer },
    refusing: [],
  });
  const response = await rawRequest(server, { path: hello });
  const platforms = (JSON.parse(response.body) as { Platforms?: unknown }).Platforms;
  const outcome = compare(vector, response, server);
  if (!outcome.ok) return outcome;
  return equal([{ architecture: 'arm64', os: 'linux' }], platforms);
}
