import { describe, expect, test } from '@jest/globals';
import type { Result } from '../../../../src/judge/results.ts';
import type { Status } from '../../../../src/watch/api/schema.ts';
import {
  intervalOf,
  nextInspectionMs,
  nextInspectionAfterTakeoverMs,
} from '../../../../src/watch/controller/schedule.ts';
import { formatInstant } from '../../../../src/watch/controller/status/text/instant.ts';

const minute = 60_000;
const now = Date.parse('2026-03-01T12:00:00Z');
const interval = 30 * minute;

function status(result: Result, inspected = now, since = now): Status {
  const type = result === 'platform-missing' ? 'PlatformsSatisfied' : 'Available';
  return {
    observedGeneration: 1,
    result,
    platforms: [],
    missingPlatforms: [],
    endpoints: [],
    credentials: [],
    pins: [],
    running: [],
    usedBy: { pods: 1, workloads: 1, names: [] },
    lastInspected: formatInstant(inspected),
    conditions: [
      {
        type,
        status: 'False',
        observedGeneration: 1,
        lastTransitionTime: formatInstant(since),
        reason: 'R',
        message: '',
      },
    ],
  };
}

const half = () => 0.5;

describe('the next inspection', () => {
  test.each([
    [undefined, interval],
    ['5m', 5 * minute],
    ['1h30m', 90 * minute],
    ['1s', interval],
    ['nonsense', interval],
    ['99999h', interval],
  ])('of an object with the interval %s', (own, wanted) => {
    expect(intervalOf(own === undefined ? {} : { interval: own }, interval)).toBe(wanted);
  });

  test.each<[Result, number, number]>([
    ['available', 0, 30],
    ['not-checked', 0, 30],
    ['invalid', 0, 30],
    ['not-found', 0, 1],
    ['unavailable', 4, 4],
    ['denied', 600, 30],
    ['platform-missing', 10, 10],
  ])('of %s for %i minutes is after %i', (result, forMinutes, wanted) => {
    const of = status(result, now, now - forMinutes * minute);
    expect(nextInspectionMs(of, interval, now, half)).toBe(wanted * minute);
  });

  test('has a quarter of jitter', () => {
    expect(nextInspectionMs(status('available'), interval, now, () => 0)).toBe(22.5 * minute);
    expect(nextInspectionMs(status('available'), interval, now, () => 1)).toBe(37.5 * minute);
  });
});

describe('the next inspection after a takeover', () => {
  const waits = (ageMinutes: number) =>
    Array.from({ length: 500 }, (_, i) =>
      nextInspectionAfterTakeoverMs(
        `shop/image-${i}`,
        status('available', now - ageMinutes * minute),
        interval,
        now,
      ),
    );

  test('continues from the last one, the same for every leader', () => {
    const [one, other] = [waits(5), waits(5)];
    expect(one).toEqual(other);
    expect(Math.min(...one)).toBeGreaterThanOrEqual(17 * minute);
    expect(Math.max(...one)).toBeLessThanOrEqual(33 * minute);
  });

  test('is spread over the interval if an unwritten inspection is possible', () => {
    const sorted = waits(50).sort((a, b) => a - b);
    expect(sorted[0]).toBeLessThan(minute);
    expect(sorted[250]).toBeGreaterThan(12 * minute);
    expect(sorted[499]).toBeLessThanOrEqual(interval);
  });

  test('is soon but spread if certainly overdue', () => {
    const sorted = waits(24 * 60).sort((a, b) => a - b);
    expect(sorted[250]).toBeGreaterThan(minute);
    expect(sorted[499]).toBeLessThanOrEqual(interval / 10);
  });

  test('ignores invalid and future times', () => {
    const odd = { ...status('available'), lastInspected: 'yesterday' };
    expect(nextInspectionAfterTakeoverMs('shop/a', odd, interval, now)).toBeLessThanOrEqual(interval / 10);
    const ahead = status('available', now + 1_000 * minute);
    expect(nextInspectionAfterTakeoverMs('shop/a', ahead, interval, now)).toBeLessThanOrEqual(37.5 * minute);
  });
});
