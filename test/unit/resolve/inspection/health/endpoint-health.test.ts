import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import type { Handler } from '../../../../kit/fakes/scripted-registry.ts';
import {
  createEndpointHealth,
  type EndpointHealth,
} from '../../../../../src/resolve/inspection/health/endpoint-health.ts';
import { parseReference } from '../../../../../src/resolve/reference/parse.ts';
import { absent, asked, holding, multi } from '../images.ts';
import { endpoint, eventually, listOf, notes, pair, results, serving, stage } from '../harness.ts';

const has: Handler = holding({ tags: { '1': multi('amd64', 'arm64') } });
const nothing: Handler = () => absent;
const down: Handler = () => ({ status: 503 });
const name = 'registry.test/team/app:1';
/** For mirrors that are silent. */
const impatient = { endpointTimeoutMs: 600 };

describe('a broken mirror', () => {
  test('is tried again behind the back of an admission, and asked by all once it lives', async () => {
    const observer = notes();
    const { inspect, mirror, advance } = await pair(() => ({ fault: 'silence' }), has, {
      ...impatient,
      observer,
    });
    await inspect(name);
    advance(5_000);
    const started = performance.now();
    expect(results(await inspect('registry.test/team/b:1'))).toBe('skipped/CircuitOpen, available');
    expect(performance.now() - started).toBeLessThan(550);
    await sleep(1_000);
    // The trial failed as well: the pause is longer now.
    advance(6_000);
    expect(results(await inspect('registry.test/team/c:1'))).toBe('skipped/CircuitOpen, available');
    mirror.handle(has);
    advance(5_000);
    expect(results(await inspect('registry.test/team/d:1'))).toBe('skipped/CircuitOpen, available');
    await eventually(() => observer.told.includes('closed'));
    expect(results(await inspect('registry.test/team/e:1'))).toBe('available');
    expect(asked(mirror.requests)).toEqual([
      'GET manifests/1',
      'HEAD manifests/1',
      'HEAD manifests/1',
      'GET manifests/1',
    ]);
    expect(observer.told.filter((each) => each === 'open' || each === 'closed')).toEqual(['open', 'closed']);
  });

  test('costs a burst its budget once, not once per image', async () => {
    const { inspect, mirror } = await pair(() => ({ fault: 'silence' }), has, { ...impatient, slots: 4 });
    const started = performance.now();
    const images = Array.from({ length: 40 }, (_, index) => `registry.test/team/app${index}:1`);
    const all = await Promise.all(images.map((image) => inspect(image)));
    expect(new Set(all.map(({ result }) => result))).toEqual(new Set(['available']));
    expect(performance.now() - started).toBeLessThan(2_000);
    expect(mirror.requests).toHaveLength(4);
  });

  test('that is the only endpoint is tested in the background, and no admission waits for it', async () => {
    const upstream = await serving(down);
    const observer = notes();
    const { inspect, advance } = stage(listOf([upstream.origin]), { observer });
    for (const path of ['a', 'b', 'c']) await inspect(`registry.test/team/${path}:1`);
    expect(results(await inspect('registry.test/team/d:1'))).toBe('skipped/CircuitOpen');
    upstream.handle(has);
    advance(5_000);
    expect(results(await inspect('registry.test/team/e:1'))).toBe('skipped/CircuitOpen');
    await eventually(() => observer.told.includes('closed'));
    expect((await inspect('registry.test/team/f:1')).result).toBe('available');
  });

  test('says why it is not asked', async () => {
    const { inspect } = await pair(down, nothing);
    for (const path of ['a', 'b', 'c']) await inspect(`registry.test/team/${path}:1`);
    expect((await inspect(name)).message).toMatch(
      /not asked: it failed recently \(GET .* answered 503\); next try in 5 s/,
    );
  });
});

describe('the observer of open circuits', () => {
  const told: string[] = [];
  const health = () => {
    told.length = 0;
    const observer = {
      ...notes(),
      breaker: (url: string, open: boolean) => void told.push(`${url} ${open ? 'open' : 'closed'}`),
    };
    return createEndpointHealth({ observer, clock: () => 0 });
  };
  const at = (origin: string) => ({
    endpoint: endpoint(origin, parseReference(name)),
    registry: 'registry.test',
  });
  const enter = async (own: EndpointHealth, origin: string) => {
    const permit = await own.enter(at(origin), new AbortController().signal);
    if (permit.kind !== 'permit') throw new Error(permit.message);
    return permit;
  };

  test('hears that they are closed when others take their place, and nothing of them afterwards', async () => {
    const own = health();
    const late = await enter(own, 'https://b.test');
    (await enter(own, 'https://a.test')).release('silent', 'silence');
    own.retire();
    late.release('silent', 'silence');
    expect(told).toEqual(['https://a.test/v2 open', 'https://a.test/v2 closed']);
  });

  test('hears that one is closed that nobody asked about for long', async () => {
    const own = health();
    (await enter(own, 'https://a.test')).release('silent', 'silence');
    for (let index = 0; index < 4_000; index++) await enter(own, `https://${index}.test`);
    expect(told).toEqual(['https://a.test/v2 open', 'https://a.test/v2 closed']);
  });
});

describe('quotas', () => {
  const low: Handler = async (request) => {
    const answer = await has(request);
    return {
      ...answer,
      headers: { ...answer.headers, 'ratelimit-remaining': '5;w=21600', 'ratelimit-limit': '100;w=21600' },
    };
  };

  test('background work leaves the last share to admissions, and its refusal is not an answer for them', async () => {
    const { inspect, peek, upstream } = await pair(nothing, low);
    const background = (image: string) => inspect(image, { purpose: 'background' });
    expect((await background(name)).result).toBe('available');
    const other = 'registry.test/team/other:1';
    const refused = await background(other);
    expect(refused).toMatchObject({
      result: 'unavailable',
      attempts: [{}, { result: 'rate-limited', reason: 'RateLimitReserve' }],
    });
    expect(peek(other)).toBeNull();
    expect(upstream.requests).toHaveLength(1);
    expect((await inspect(other)).result).toBe('available');
  });

  test('HEADs cost nothing: a known tag is re-checked all the same', async () => {
    const { inspect, advance } = await pair(nothing, low);
    await inspect(name);
    advance(60_000);
    expect(await inspect(name, { purpose: 'background' })).toMatchObject({
      result: 'available',
      stale: false,
    });
  });
});
