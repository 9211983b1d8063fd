/** What a client leaves behind after thousands of requests, whatever came of them: nothing that grows. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { getEventListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer, Handler } from '../../../kit/fakes/scripted-registry.ts';
import { alice, ask, client, endpoint, latest, manifestBody, served, serving } from './asking.ts';

const warnings: Error[] = [];
const note = (warning: Error): void => void warnings.push(warning);
beforeEach(() => void process.on('warning', note));
afterEach(() => {
  process.off('warning', note);
  warnings.splice(0);
});

const sockets = (): number =>
  process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;

const basic = `Basic ${Buffer.from(`${alice.username}:${alice.password}`).toString('base64')}`;
// One after the other, for ever.
const fates: readonly Handler[] = [
  () => served,
  () => ({ status: 404 }),
  ({ headers }): Answer =>
    headers.authorization === basic
      ? served
      : { status: 401, headers: { 'www-authenticate': 'Basic realm="x"' } },
  () => ({ status: 500, body: '<html>'.repeat(5_000) }),
  ({ url }): Answer => (url === '/there' ? served : { status: 307, headers: { location: '/there' } }),
  () => ({ ...served, fault: 'cut' }),
  () => ({ body: manifestBody.repeat(100) }),
  () => ({ fault: 'reset' }),
];

test('two thousand requests under one deadline leave no sockets and no listeners', async () => {
  let fate: Handler = () => served;
  const server = await serving((request) => fate(request));
  const registry = client({ maxManifestBytes: 4096 });
  const { signal } = new AbortController();
  const outcomes = new Map<string, number>();
  const before = sockets();
  for (let time = 0; time < 2_000; time++) {
    fate = fates[time % fates.length] ?? fate;
    // Each of them finds both methods.
    const method = time % (2 * fates.length) < fates.length ? 'manifest' : 'head';
    const asked = registry[method](endpoint(server.origin), latest, ask({ signal, with: [alice] }));
    const outcome = await asked.then(
      () => 'served',
      ({ code, reason }: { code: string; reason: string | null }) => reason ?? code,
    );
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  }
  await sleep(50);
  expect([...outcomes.keys()].sort()).toEqual([
    'ConnectionReset',
    'ServerError',
    'TooLarge',
    'Truncated',
    'not-found',
    'served',
  ]);
  expect(getEventListeners(signal, 'abort').length).toBeLessThan(3);
  expect(sockets() - before).toBeLessThan(6);
  expect(warnings).toEqual([]);
});

test('nor do a thousand that nobody waited for', async () => {
  const server = await serving(() => ({ ...served, fault: 'silence' }));
  const registry = client();
  const before = sockets();
  for (let time = 0; time < 100; time++) {
    const leaving = new AbortController();
    const batch = Array.from({ length: 10 }, () =>
      registry.head(endpoint(server.origin), latest, ask({ signal: leaving.signal })).catch(() => 'gone'),
    );
    setTimeout(() => leaving.abort(), 1);
    expect(new Set(await Promise.all(batch))).toEqual(new Set(['gone']));
    expect(getEventListeners(leaving.signal, 'abort').length).toBeLessThan(3);
  }
  await sleep(50);
  // Both ends of the 32 connections that may be kept for an origin.
  expect(sockets() - before).toBeLessThanOrEqual(64);
  expect(warnings).toEqual([]);
});
