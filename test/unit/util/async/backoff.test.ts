import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { backoff } from '../../../../src/util/async/backoff.ts';

describe('backoff', () => {
  const times = { firstMs: 100, longestMs: 5_000 };

  test('doubles up to its bound, half of it random', () => {
    expect([1, 2, 3, 7, 100, 1e9].map((n) => backoff(times, n, 0))).toEqual([50, 100, 200, 2500, 2500, 2500]);
    expect(backoff(times, 1, 0.5)).toBe(75);
  });

  test('stays within its bounds', () => {
    fc.assert(
      fc.property(fc.nat(), fc.double({ min: 0, max: 0.999, noNaN: true }), (failures, random) => {
        const wait = backoff(times, failures, random);
        expect(wait).toBeGreaterThanOrEqual(50);
        expect(wait).toBeLessThanOrEqual(5_000);
      }),
    );
  });
});
