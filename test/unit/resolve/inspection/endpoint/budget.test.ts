import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { attemptBudget } from '../../../../../src/resolve/inspection/endpoint/budget.ts';

const base = { endpointTimeoutMs: 1_000, callerMs: 2_500, workMs: 15_000, endpoints: 2 };

describe('the time for one endpoint', () => {
  test.each([
    ['its timeout, where the others have enough left', base, 1_000],
    ['its equal share, where they have not', { ...base, endpoints: 5 }, 500],
    ['all there is, for the last one', { ...base, endpoints: 1 }, 15_000],
    ['a share of the whole, when nobody waits any longer', { ...base, callerMs: 0, workMs: 1_000 }, 500],
    ['never more than the work itself has', { ...base, workMs: 800 }, 400],
  ])('%s', (_what, left, ms) => {
    expect(attemptBudget(left)).toBe(ms);
  });

  test('whole milliseconds, and never past the end of the work', () => {
    const times = fc.record({
      endpointTimeoutMs: fc.integer({ min: 10, max: 300_000 }),
      callerMs: fc.double({ min: 0, max: 30_000, noNaN: true }),
      workMs: fc.double({ min: 0, max: 600_000, noNaN: true }),
      endpoints: fc.integer({ min: 1, max: 50 }),
    });
    fc.assert(
      fc.property(times, (left) => {
        const ms = attemptBudget(left);
        expect(Number.isInteger(ms)).toBe(true);
        expect(ms).toBeLessThanOrEqual(Math.ceil(left.workMs));
        if (left.endpoints > 1) expect(ms).toBeLessThanOrEqual(left.endpointTimeoutMs);
      }),
    );
  });

  test('a row of silent endpoints never takes more than one who waits has', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 20 }),
        fc.integer({ min: 100, max: 10_000 }),
        (count, callerMs) => {
          let left = callerMs;
          for (let endpoints = count; endpoints > 1; endpoints--) {
            left -= attemptBudget({ ...base, callerMs: left, endpoints });
          }
          // Rounding up costs a millisecond each; the last one still gets its share.
          expect(left).toBeGreaterThanOrEqual(callerMs / count - count);
        },
      ),
    );
  });
});
