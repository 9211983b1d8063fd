/** `pratique serve` with the Engine API: its socket, its configuration, its reload and its end. */
import { existsSync, statSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, jest, test } from '@jest/globals';
import { rawRequest } from '../../kit/engine-api/raw-request.ts';
import { cleanEnvironment, pratique } from '../../kit/pratique/command.ts';
import type { WholeResponse } from '../../kit/pratique/response-of.ts';
import { launch, startServing } from '../../kit/pratique/serving.ts';
import { silentServer } from '../../kit/registries/silent.ts';
import { listeners, nodeFiles } from '../support/node-files.ts';
import { type Daemon, login, startDaemon } from './daemon.ts';

jest.setTimeout(60_000);
const cleanup = new AsyncDisposableStack();
afterAll(() => cleanup.disposeAsync());

const environment = cleanEnvironment();
const hello = '/distribution/hello-world/json';

function statusOf(to: Parameters<typeof rawRequest>[0], path = hello): Promise<number> {
  return rawRequest(to, { path }).then(({ status }) => status);
}

describe('the socket', () => {
  test('is for owner and group, is left to the one that serves, and is gone afterwards', async () => {
    const daemon = cleanup.use(await startDaemon());
    expect(statSync(daemon.socketPath).mode & 0o777).toBe(0o660);
    expect(daemon.serving.log.find(({ event }) => event === 'started')).toMatchObject({
      engineApi: `unix:${daemon.socketPath}`,
    });
    const second = launch({ configuration: daemon.files.configuration, environment });
    expect(await second.exited).toBe(1);
    expect(JSON.stringify(second.log)).toContain('another process answers there');
    expect(await statusOf(daemon)).toBe(200);
    expect(await daemon.serving.stop()).toBe(0);
    expect(existsSync(daemon.socketPath)).toBe(false);
  });

  test('that a killed process left behind is replaced', async () => {
    await using files = await nodeFiles();
    const socketPath = join(files.folder, 'pratique.sock');
    await files.configure({ server: { ...listeners, engineApi: { listen: `unix:${socketPath}` } } });
    const first = await startServing({ configuration: files.configuration, environment });
    first.child.kill('SIGKILL');
    await first.exited;
    expect(existsSync(socketPath)).toBe(true);
    await using second = await startServing({ configuration: files.configuration, environment });
    expect(await statusOf({ socketPath }, '/_ping')).toBe(200);
    await second.stop();
  });
});

test.each([
  ['0.0.0.0:2375', 'allowRemote'],
  [`unix:/${'x'.repeat(110)}`, 'at most 107'],
])('a configuration with %s ends with status 2 and says why', async (listen, words) => {
  await using files = await nodeFiles({}, { server: { ...listeners, engineApi: { listen } } });
  const { status, stderr } = await pratique(['serve', '--config', files.configuration]);
  expect(status).toBe(2);
  expect(stderr).toContain('server.engineApi.listen');
  expect(stderr).toContain(words);
});

describe('by TCP', () => {
  test('a web page is refused, and a program is served', async () => {
    await using files = await nodeFiles(
      {},
      { server: { ...listeners, engineApi: { listen: '127.0.0.1:0' } } },
    );
    await using serving = await startServing({ configuration: files.configuration, environment });
    const address = String((await serving.event('started'))['engineApi']);
    const to = { host: '127.0.0.1', port: Number(address.split(':')[1]) };
    const ask = (headers: Record<string, string>) =>
      rawRequest(to, { path: '/_ping', headers }).then(({ status }) => status);
    expect(await ask({})).toBe(200);
    expect(await ask({ host: `localhost:${to.port}` })).toBe(200);
    expect(await ask({ host: 'rebound.example' })).toBe(403);
    expect(await ask({ origin: 'http://page.example' })).toBe(403);
    expect(await ask({ 'sec-fetch-site': 'cross-site' })).toBe(403);
  });
});

describe("Pratique's own credentials", () => {
  test('are for nobody until the configuration lends them, which needs no restart', async () => {
    await using daemon = await startDaemon();
    const image = `/distribution/${daemon.secured.registry.host}/team/app:1/json`;
    const auth = Buffer.from(`${login.username}:${login.password}`).toString('base64');
    await daemon.files.write(
      'docker.json',
      JSON.stringify({ auths: { [daemon.secured.registry.host]: { auth } } }),
    );
    await daemon.configure({}, { dockerConfig: 'docker.json' });
    await daemon.serving.event('configuration-loaded', 2);
    expect(await statusOf(daemon, image)).toBe(401);
    await daemon.configure({ ownCredentials: true }, { dockerConfig: 'docker.json' });
    await daemon.serving.event('configuration-loaded', 3);
    expect(await statusOf(daemon, image)).toBe(200);
    await daemon.configure({}, { dockerConfig: 'docker.json' });
    await daemon.serving.event('configuration-loaded', 4);
    // What was found with them is not told from the cache either.
    expect(await statusOf(daemon, image)).toBe(401);
    expect(daemon.serving.log.filter(({ code }) => code === 'RestartNeeded')).toEqual([]);
  });
});

test('reloads fail no request', async () => {
  await using daemon = await startDaemon();
  const loading = new AbortController();
  const load = clientsOf(daemon, loading.signal);
  for (let version = 2; version <= 6; version++) {
    await daemon.configure({}, {}, { tagTTL: `${version}s` });
    await daemon.serving.event('configuration-loaded', version);
  }
  loading.abort();
  const statuses = await load;
  expect(statuses.length).toBeGreaterThan(20);
  expect(new Set(statuses)).toEqual(new Set([200]));
});

/** Four clients that ask one after the other. */
async function clientsOf(daemon: Daemon, signal: AbortSignal): Promise<number[]> {
  const statuses: number[] = [];
  const client = async (): Promise<void> => {
    while (!signal.aborted) statuses.push(await statusOf(daemon));
  };
  await Promise.all([client(), client(), client(), client()]);
  return statuses;
}

describe('SIGTERM', () => {
  test('under load answers every request that it took, and ends with 0', async () => {
    await using daemon = await startDaemon();
    const outcomes: (WholeResponse | NodeJS.ErrnoException)[] = [];
    const over = new AbortController();
    const client = async (): Promise<void> => {
      while (!over.signal.aborted) {
        const outcome = await rawRequest(daemon, { path: hello }).catch(
          (error: NodeJS.ErrnoException) => error,
        );
        outcomes.push(outcome);
        if (outcome instanceof Error) return;
      }
    };
    const load = Promise.all(Array.from({ length: 8 }, client));
    while (outcomes.length < 24) await sleep(10);
    expect(await daemon.serving.stop()).toBe(0);
    over.abort();
    await load;
    const answers = outcomes.flatMap((outcome) => ('status' in outcome ? [outcome.status] : []));
    const errors = outcomes.flatMap((outcome) => (outcome instanceof Error ? [outcome.code] : []));
    expect(answers.length).toBeGreaterThanOrEqual(24);
    expect(new Set(answers)).toEqual(new Set([200]));
    // New connections are refused once the socket is gone; nothing that was under way is cut.
    expect(errors.filter((code) => code !== 'ENOENT' && code !== 'ECONNREFUSED')).toEqual([]);
  });

  test('does not wait for connections on which nothing comes', async () => {
    await using daemon = await startDaemon();
    const idle = connect(daemon.socketPath);
    const half = connect(daemon.socketPath);
    idle.on('error', () => {});
    half.on('error', () => {}).write('GET /_ping HTTP/1.1\r\nHost: doc');
    expect(await statusOf(daemon, '/_ping')).toBe(200);
    const started = performance.now();
    expect(await daemon.serving.stop()).toBe(0);
    expect(performance.now() - started).toBeLessThan(12_000);
  });
});

test('a client that goes away frees its place at once: 200 of them leave the server as it was', async () => {
  await using silent = await silentServer();
  await using daemon = await startDaemon();
  const path = `/distribution/${silent.host}/app/json`;
  for (let round = 0; round < 4; round++) {
    const gone = new AbortController();
    const asked = Array.from({ length: 50 }, () => {
      const outgoing = request({ socketPath: daemon.socketPath, path, signal: gone.signal, agent: false });
      const ended = new Promise((resolve) => outgoing.on('close', resolve));
      outgoing.on('error', () => {}).end();
      return ended;
    });
    await sleep(100);
    gone.abort();
    await Promise.all(asked);
  }
  expect(await statusOf(daemon)).toBe(200);
  expect(daemon.serving.log.filter(({ level }) => level === 'error')).toEqual([]);
});
