import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { deadlineIn } from '../../../../src/util/async/deadline.ts';
import { createRegistry, defaultRegistryOptions } from '../../../../src/resolve/registry/client.ts';
import { InspectionCache } from '../../../../src/resolve/inspection/cache.ts';
import type { Handler } from '../../../kit/fakes/scripted-registry.ts';
import { absent, asked, holding, index, multi, serve } from './images.ts';
import { closing, eventually, listOf, notes, pair, results, serving, stage } from './harness.ts';

const both = multi('amd64', 'arm64');
const has: Handler = holding({ tags: { '1': both } });
const nothing: Handler = () => absent;
const down: Handler = () => ({ status: 503 });
const name = 'registry.test/team/app:1';

/** For mirrors that are silent. */
const impatient = { endpointTimeoutMs: 300 };

const slowly =
  (delayMs: number): Handler =>
  async (request) => ({ ...(await has(request)), delayMs });

describe('the cache', () => {
  test('a tag is believed for its time, then asked again', async () => {
    const { inspect, peek, advance, mirror } = await pair(has, nothing);
    expect(peek(name)).toBeNull();
    const inspection = await inspect(name);
    expect(peek(name)).toBe(inspection);
    expect(await inspect(name)).toBe(inspection);
    advance(60_000);
    expect(peek(name)).toBeNull();
    await inspect(name);
    expect(mirror.requests).toHaveLength(2);
  });

  test('a failure is believed for seconds', async () => {
    const { inspect, peek, advance, mirror } = await pair(nothing, nothing);
    await inspect(name);
    expect(peek(name)?.result).toBe('not-found');
    mirror.handle(has);
    advance(5_000);
    expect((await inspect(name)).result).toBe('available');
  });

  test('a digest is believed for ever', async () => {
    const { inspect, peek, advance } = await pair(has, nothing);
    const pinned = `${name}@${both.digest}`;
    await inspect(pinned);
    advance(365 * 86_400_000);
    expect(peek(pinned)?.result).toBe('available');
  });

  test('it is bounded, and tells what it evicts', async () => {
    const observer = notes();
    const cache = new InspectionCache({ maxEntries: 2, observer });
    const { inspect, peek } = await pair(has, nothing, { cache });
    for (const path of ['a', 'b', 'c']) await inspect(`registry.test/team/${path}:1`);
    expect(peek('registry.test/team/a:1')).toBeNull();
    expect(peek('registry.test/team/c:1')?.result).toBe('available');
    expect(observer.told).toContain('evicted');
  });

  test('is bounded by bytes, whatever hostile indexes name', async () => {
    const words = Array.from({ length: 1_000 }, (_, n) => ({
      content: both,
      more: { platform: { os: 'linux', architecture: `${n}${'x'.repeat(1_000)}` } },
    }));
    const hostile: Handler = ({ url }) =>
      serve(index([...words, { content: both, more: { platform: { os: 'linux', architecture: url } } }]));
    const cache = new InspectionCache({ maxEntries: 1_000, maxBytes: 1_000_000, observer: notes() });
    const upstream = await serving(hostile);
    const registry = closing(createRegistry({ ...defaultRegistryOptions, maxManifestBytes: 4 * 2 ** 20 }));
    const { inspect } = stage(listOf([upstream.origin]), { cache, registry });
    for (let n = 0; n < 20; n++) {
      const { platforms, platformsComplete } = await inspect(`registry.test/team/hostile${n}:1`);
      expect(platforms).toHaveLength(256);
      expect(platformsComplete).toBe(false);
      expect(platforms.every(({ architecture }) => architecture.length <= 128)).toBe(true);
      expect(cache.bytes).toBeLessThanOrEqual(1_000_000);
    }
  });

  test('the same list loaded again finds the answers of its predecessor; another list does not', async () => {
    const first = await pair(has, nothing);
    await first.inspect(name);
    const { cache, health, registry, mirrors } = first.options;
    expect(stage({ ...mirrors }, { cache, health, registry }).peek(name)?.result).toBe('available');
    expect(stage({ ...mirrors, id: 'another' }, { cache, health, registry }).peek(name)).toBeNull();
  });
});

describe('a stale answer', () => {
  test('is served while nothing can be asked, marked, with what was tried; and asked again soon', async () => {
    const observer = notes();
    const { inspect, peek, advance, mirror, upstream } = await pair(has, nothing, { observer });
    const before = await inspect(name);
    mirror.handle(down);
    upstream.handle(down);
    advance(3_600_000);
    const inspection = await inspect(name);
    expect(inspection).toMatchObject({ result: 'available', stale: true, digest: both.digest });
    expect(inspection.inspectedAt).toBe(before.inspectedAt);
    expect(inspection.message).toContain('that was 60 min ago, now: could not be checked');
    expect(results(inspection)).toBe('unavailable/ServerError, unavailable/ServerError');
    expect(observer.told.filter((each) => each === 'stale')).toHaveLength(1);
    expect(peek(name)?.stale).toBe(true);
    mirror.handle(has);
    advance(5_000);
    expect((await inspect(name)).stale).toBe(false);
  });

  test('is not served past its age, however often it was served before', async () => {
    const { inspect, advance, mirror } = await pair(has, down, { maxStale: 3_600_000 });
    await inspect(name);
    mirror.handle(down);
    const ages = [];
    for (let hour = 0; hour < 3; hour++) {
      advance(1_800_000);
      ages.push((await inspect(name)).stale);
    }
    expect(ages).toEqual([true, false, false]);
  });

  test.each<[string, Handler, string]>([
    ['gone', nothing, 'not-found'],
    ['refused', () => ({ status: 403 }), 'denied'],
  ])('is not served for an image that is %s, nor afterwards', async (_what, answer, result) => {
    const { inspect, advance, mirror, upstream } = await pair(has, nothing);
    await inspect(name);
    for (const each of [mirror, upstream]) each.handle(answer);
    advance(60_000);
    expect((await inspect(name)).result).toBe(result);
    for (const each of [mirror, upstream]) each.handle(down);
    advance(60_000);
    expect((await inspect(name)).result).toBe('unavailable');
  });

  test('is what those get who cannot wait for a slow registry', async () => {
    const { inspect, advance, mirror } = await pair(has, nothing);
    await inspect(name);
    mirror.handle(slowly(1_000));
    advance(60_000);
    expect(await inspect(name, { deadline: deadlineIn(100) })).toMatchObject({ stale: true });
  });
});

describe('patience', () => {
  test('a slow registry is answered in the end: the flight goes on when its admission has gone', async () => {
    const upstream = await serving(slowly(1_500));
    const { inspect, peek } = stage(listOf([upstream.origin]));
    const started = performance.now();
    const inspection = await inspect(name, { deadline: deadlineIn(100) });
    expect(performance.now() - started).toBeLessThan(1_000);
    expect(inspection).toMatchObject({
      result: 'unavailable',
      reason: 'Timeout',
      attempts: [{ reason: 'Timeout' }],
    });
    expect(inspection.message).toMatch(
      /was not checked in time\. .*\n.* no complete answer before the deadline/,
    );
    await eventually(() => peek(name)?.result === 'available');
    expect(upstream.requests).toHaveLength(1);
  });

  test('what nobody waits for has that time and no more, however patient it is', async () => {
    const { inspect } = await pair(nothing, () => ({ fault: 'silence' }), {
      ...impatient,
      resolutionTimeoutMs: 600,
    });
    const started = performance.now();
    const inspection = await inspect(name, { purpose: 'background' });
    expect(inspection).toMatchObject({ result: 'unavailable' });
    // Its own patience are 10 seconds.
    expect(performance.now() - started).toBeLessThan(5_000);
  });

  test("one caller's cancellation ends its own wait only", async () => {
    const { inspect, mirror } = await pair(slowly(150), nothing);
    const cancel = new AbortController();
    const [impatient, patient] = [
      inspect(name, { deadline: deadlineIn(2_000, cancel.signal) }),
      inspect(name),
    ];
    cancel.abort();
    expect((await impatient).result).toBe('unavailable');
    expect((await patient).result).toBe('available');
    expect(mirror.requests).toHaveLength(1);
  });

  test('a person who goes away cancels for real, nobody else is asked, and nothing is remembered', async () => {
    const { inspect, peek, mirror, upstream } = await pair(() => ({ fault: 'silence' }), has);
    const cancel = new AbortController();
    const work = inspect(name, { purpose: 'interactive', deadline: deadlineIn(5_000, cancel.signal) });
    await eventually(() => mirror.requests.length === 1);
    cancel.abort();
    expect(await work).toMatchObject({
      result: 'unavailable',
      attempts: [{ reason: 'Cancelled' }, { reason: 'DeadlineExceeded' }],
    });
    expect([mirror.requests.length, upstream.requests.length]).toEqual([1, 0]);
    expect(peek(name)).toBeNull();
  });

  test('the cancellation of a person says nothing about the health of the endpoint', async () => {
    const { inspect } = await pair(() => ({ fault: 'silence' }), has, impatient);
    for (let round = 0; round < 4; round++) {
      const cancel = new AbortController();
      setTimeout(() => cancel.abort(), 100);
      await inspect(name, { purpose: 'interactive', deadline: deadlineIn(5_000, cancel.signal) });
    }
    expect(results(await inspect(name))).toBe('unavailable/Timeout, available');
  });

  test("nor does a deadline that was over at once, and its failure is nobody else's", async () => {
    const { inspect } = await pair(slowly(50), nothing);
    for (let round = 0; round < 4; round++) {
      await inspect(name, { purpose: 'interactive', deadline: deadlineIn(10) });
    }
    expect(results(await inspect(name, { deadline: deadlineIn(5_000) }))).toBe('available');
  });

  test('a person shares no flight of others', async () => {
    const { inspect, mirror } = await pair(slowly(100), nothing);
    await Promise.all([inspect(name), inspect(name, { purpose: 'interactive' })]);
    expect(mirror.requests).toHaveLength(2);
  });

  test('of many that nobody waits for any longer only 64 go on', async () => {
    const upstream = await serving(slowly(1_000));
    const { inspect, peek } = stage(listOf([upstream.origin]));
    const images = Array.from({ length: 70 }, (_, index) => `registry.test/team/app${index}:1`);
    await Promise.all(images.map((image) => inspect(image, { deadline: deadlineIn(100) })));
    const answered = (): number => images.filter((image) => peek(image)?.result === 'available').length;
    await eventually(() => answered() >= 64);
    await sleep(500);
    expect(answered()).toBe(64);
  });
});

test('the observer hears of every attempt, answer and use of the cache', async () => {
  const observer = notes();
  const { inspect, peek } = await pair(nothing, has, { observer });
  await Promise.all([inspect(name), inspect(name)]);
  peek(name);
  expect(observer.told).toEqual([
    'miss',
    'shared',
    'mirror of registry.test: not-found',
    'upstream of registry.test: available',
    'available',
    'available',
    'hit',
    'available',
  ]);
});

test('all endpoints are asked, whatever the cache knows, and it answers as before', async () => {
  const { inspect, peek, mirror, upstream } = await pair(has, has);
  const before = await inspect(name);
  const compared = await inspect(name, { allEndpoints: true });
  expect(results(compared)).toBe('available, available');
  expect(compared.warnings).toEqual([]);
  expect(asked(mirror.requests)).toEqual(['GET manifests/1', 'HEAD manifests/1']);
  expect(asked(upstream.requests)).toEqual(['HEAD manifests/1']);
  expect(peek(name)).toBe(before);
});
