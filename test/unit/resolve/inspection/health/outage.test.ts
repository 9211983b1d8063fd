/** An outage of the only registry, over real sockets: no admission waits for what is known. */
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { deadlineIn } from '../../../../../src/util/async/deadline.ts';
import type { Answer, Handler } from '../../../../kit/fakes/scripted-registry.ts';
import { holding, multi } from '../images.ts';
import { eventually, listOf, notes, results, serving, stage } from '../harness.ts';

const both = multi('amd64', 'arm64');
const has: Handler = holding({ tags: { '1': both } });
const endpointTimeoutMs = 200;
/** An admission that waits for the registry takes its whole deadline; the machine may be busy. */
const atOnceMs = 600;
const admissionMs = 2_500;

const name = (index: number): string => `registry.test/team/app${index}:1`;

const faults: readonly [string, Answer][] = [
  ['is silent', { fault: 'silence' }],
  ['drips', { fault: 'drip' }],
];

describe.each(faults)('the only registry %s', (_what, answer) => {
  test('cold images: after the first wait every admission is answered at once', async () => {
    const upstream = await serving(() => answer);
    const observer = notes();
    const { inspect } = stage(listOf([upstream.origin]), { endpointTimeoutMs, observer });
    const first = Array.from({ length: 50 }, (_, index) =>
      inspect(name(index), { deadline: deadlineIn(admissionMs) }),
    );
    await eventually(() => observer.told.includes('open'));
    const started = performance.now();
    const later = await Promise.all(
      Array.from({ length: 1_000 }, (_, index) =>
        inspect(name(index % 100), { deadline: deadlineIn(admissionMs) }),
      ),
    );
    expect((performance.now() - started) / later.length).toBeLessThan(50);
    expect(new Set(later.map(({ result }) => result))).toEqual(new Set(['unavailable']));
    expect((await Promise.all(first)).every(({ result }) => result === 'unavailable')).toBe(true);
  });

  test('a warm image: the last answer is given at once, also while its request is running', async () => {
    const upstream = await serving(has);
    const observer = notes();
    const { inspect, advance } = stage(listOf([upstream.origin]), { endpointTimeoutMs, observer });
    await inspect(name(1));
    upstream.handle(() => answer);
    advance(60_000);
    const first = inspect(name(1), { deadline: deadlineIn(admissionMs) });
    await eventually(() => observer.told.includes('open'));
    const started = performance.now();
    const inspection = await inspect(name(1), { deadline: deadlineIn(admissionMs) });
    expect(performance.now() - started).toBeLessThan(atOnceMs);
    expect(inspection).toMatchObject({ result: 'available', stale: true, digest: both.digest });
    // The caller that found the silence has an earlier answer too, and does not wait for its deadline.
    await expect(first).resolves.toMatchObject({ stale: true });
    expect(performance.now() - started).toBeLessThan(admissionMs / 2);
  });
});

describe('a trial of an endpoint that failed', () => {
  test('runs in the background, and its late answer closes the circuit', async () => {
    const upstream = await serving(() => ({ fault: 'silence' }));
    const observer = notes();
    const { inspect, advance } = stage(listOf([upstream.origin]), {
      endpointTimeoutMs,
      resolutionTimeoutMs: 5_000,
      observer,
    });
    await inspect(name(1), { deadline: deadlineIn(300) });
    advance(5_000);
    upstream.handle(async (request) => ({ ...(await has(request)), delayMs: 2 * endpointTimeoutMs }));
    const started = performance.now();
    expect(results(await inspect(name(2)))).toBe('skipped/CircuitOpen');
    expect(performance.now() - started).toBeLessThan(atOnceMs);
    await eventually(() => observer.told.includes('closed'));
    expect((await inspect(name(3))).result).toBe('available');
  });

  test('does not wait for the slots that silent requests hold', async () => {
    const upstream = await serving(() => ({ fault: 'silence' }));
    const observer = notes();
    const { inspect, advance } = stage(listOf([upstream.origin]), { endpointTimeoutMs, observer, slots: 2 });
    const waiting = Array.from({ length: 6 }, (_, index) =>
      inspect(name(index), { deadline: deadlineIn(admissionMs) }),
    );
    await eventually(() => observer.told.includes('open'));
    upstream.handle(has);
    advance(5_000);
    expect(results(await inspect(name(10)))).toBe('skipped/CircuitOpen');
    await eventually(() => observer.told.includes('closed'));
    expect((await inspect(name(11))).result).toBe('available');
    await Promise.all(waiting);
  });
});

describe('a slow registry', () => {
  test('still answers the admission that asked first, and later ones after that', async () => {
    const upstream = await serving(async (request) => ({ ...(await has(request)), delayMs: 500 }));
    const { inspect } = stage(listOf([upstream.origin]), { endpointTimeoutMs });
    const first = inspect(name(1), { deadline: deadlineIn(admissionMs) });
    await sleep(300);
    expect((await inspect(name(1), { deadline: deadlineIn(admissionMs) })).result).toBe('unavailable');
    expect((await first).result).toBe('available');
    expect((await inspect(name(2), { deadline: deadlineIn(admissionMs) })).result).toBe('available');
  });
});

describe('a pull-through mirror', () => {
  const mirrorOf =
    (answer: (url: string) => Answer | null): Handler =>
    async (request) =>
      answer(request.url) ?? (await has(request));

  test.each([502, 429])('that passes on %i for one image stays open for the others', async (status) => {
    const mirror = await serving(mirrorOf((url) => (url.includes('broken') ? { status } : null)));
    const upstream = await serving(() => ({ status: 404 }));
    const { inspect } = stage(listOf([mirror.origin, upstream.origin]));
    for (let index = 0; index < 5; index++) await inspect(`registry.test/team/broken:${index}`);
    expect(results(await inspect('registry.test/team/broken:9'))).toMatch(/^skipped/);
    for (const other of [name(1), 'other.test/team/app:1']) {
      expect(results(await inspect(other))).not.toContain('skipped');
    }
  });

  test('is closed for one registry after failures of several of its repositories', async () => {
    const mirror = await serving(mirrorOf((url) => (url.includes('dead') ? { status: 502 } : null)));
    const upstream = await serving(() => ({ status: 404 }));
    const { inspect } = stage(listOf([mirror.origin, upstream.origin]));
    for (const path of ['dead-a', 'dead-b', 'dead-c']) await inspect(`dead.test/${path}:1`);
    expect(results(await inspect('dead.test/dead-d:1'))).toMatch(/^skipped\/CircuitOpen/);
    expect((await inspect('alive.test/app:1')).result).toBe('available');
  });

  test('is closed as a whole after failures of repositories of several registries', async () => {
    const mirror = await serving(() => ({ status: 502 }));
    const upstream = await serving(has);
    const { inspect } = stage(listOf([mirror.origin, upstream.origin]));
    for (const domain of ['a.test', 'b.test', 'c.test']) await inspect(`${domain}/team/app:1`);
    expect(results(await inspect('d.test/team/app:1'))).toBe('skipped/CircuitOpen, available');
  });
});

describe('the clock of the host', () => {
  test('may be set back without keeping circuits open or tags fresh', async () => {
    const upstream = await serving(() => ({ status: 503 }));
    let wall = Date.parse('2026-01-01T12:00:00Z');
    const observer = notes();
    const { inspect, peek, advance } = stage(listOf([upstream.origin]), { clock: () => wall, observer });
    for (let index = 0; index < 3; index++) await inspect(name(index));
    wall -= 3_600_000;
    upstream.handle(has);
    advance(5_000);
    await inspect(name(4));
    await eventually(() => observer.told.includes('closed'));
    expect((await inspect(name(5))).inspectedAt).toBe(wall);
    wall -= 3_600_000;
    advance(60_000);
    expect(peek(name(5))).toBeNull();
  });
});
