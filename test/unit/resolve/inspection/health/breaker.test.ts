import { beforeEach, describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { CircuitBreaker, type QueryOutcome } from '../../../../../src/resolve/inspection/health/breaker.ts';

let breaker: CircuitBreaker;
beforeEach(() => {
  breaker = new CircuitBreaker();
});

/** Asks at `now` with this outcome; false when it was not let in. */
function attempt(outcome: QueryOutcome, now: number): boolean {
  if (breaker.blockedUntil(now)) return false;
  breaker.report(outcome, breaker.tryHalfOpen(), now);
  return true;
}

describe('breaker', () => {
  test('opens after three failures in a row, not after three in all', () => {
    for (const outcome of ['failed', 'failed', 'answered', 'failed', 'failed'] as const) attempt(outcome, 0);
    expect(breaker.isOpen).toBe(false);
    attempt('failed', 0);
    expect(breaker.blockedUntil(0)).toEqual({ reason: 'CircuitOpen', forMs: 5_000 });
  });

  test('opens after one silence', () => {
    attempt('silent', 0);
    expect(breaker.blockedUntil(4_999)).toEqual({ reason: 'CircuitOpen', forMs: 1 });
    expect(breaker.blockedUntil(5_000)).toBeNull();
  });

  test('lets one caller try, and the others only when that one has found it alive', () => {
    attempt('silent', 0);
    expect(breaker.tryHalfOpen()).toBe(true);
    expect(breaker.blockedUntil(5_000)).toMatchObject({ reason: 'CircuitOpen' });
    breaker.report('answered', true, 5_100);
    expect(breaker.blockedUntil(5_100)).toBeNull();
    expect(breaker.isOpen).toBe(false);
  });

  test('a failed trial makes the pause longer, up to a minute', () => {
    attempt('silent', 0);
    const pauses = [];
    for (let now = 0, round = 0; round < 6; round++) {
      const pause = breaker.blockedUntil(now)?.forMs ?? 0;
      pauses.push(pause);
      now += pause;
      attempt('failed', now);
    }
    expect(pauses).toEqual([5_000, 10_000, 20_000, 40_000, 60_000, 60_000]);
  });

  test('those under way when it opened do not make the pause longer', () => {
    attempt('silent', 0);
    breaker.report('silent', false, 1_000);
    expect(breaker.blockedUntil(1_000)).toEqual({ reason: 'CircuitOpen', forMs: 4_000 });
  });

  test('a cancelled trial leaves the next caller to try', () => {
    attempt('silent', 0);
    breaker.report('cancelled', breaker.tryHalfOpen(), 5_000);
    expect(breaker.blockedUntil(5_000)).toBeNull();
    expect(breaker.isOpen).toBe(true);
  });

  test('cools down as long as asked, ten minutes at most, and the longest wish counts', () => {
    breaker.coolDown(3_600_000, 0);
    breaker.coolDown(1_000, 0);
    expect(breaker.blockedUntil(0)).toEqual({ reason: 'RateLimited', forMs: 600_000 });
    expect(breaker.blockedUntil(600_000)).toBeNull();
    expect(breaker.isOpen).toBe(false);
  });

  test('never refuses longer than a minute on its own account', () => {
    const history = fc.array(
      fc.tuple(fc.constantFrom<QueryOutcome>('answered', 'failed', 'silent', 'cancelled'), fc.nat(30_000)),
    );
    fc.assert(
      fc.property(history, (steps) => {
        breaker = new CircuitBreaker();
        let now = 0;
        for (const [outcome, pause] of steps) {
          now += pause;
          attempt(outcome, now);
          expect(breaker.blockedUntil(now)?.forMs ?? 0).toBeLessThanOrEqual(60_000);
        }
        expect(attempt('answered', now + 60_000)).toBe(true);
        expect(breaker.isOpen).toBe(false);
      }),
    );
  });
});
