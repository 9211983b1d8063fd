/** Whether one endpoint is worth asking: a circuit breaker and the cool-down after a 429. A pure state machine; the caller brings the time. */

/** `answered`: anything that shows a living registry, a 404 or 401 included. `silent`: nothing came in a fair time. */
export type QueryOutcome = 'answered' | 'failed' | 'silent' | 'cancelled';

/** Why and for how many milliseconds not to ask. */
export interface Blocked {
  readonly reason: 'CircuitOpen' | 'RateLimited';
  readonly forMs: number;
}

const failuresToOpen = 3;
const firstPauseMs = 5_000;
const longestPauseMs = 60_000;
const longestCoolDownMs = 600_000;

export class CircuitBreaker {
  #failures = 0;
  #trips = 0;
  #openUntil: number | null = null;
  #halfOpen = false;
  #coolUntil = 0;

  get open(): boolean {
    return this.#openUntil !== null;
  }

  /** null: it may be asked, if need be by the one caller on trial. */
  blockedUntil(now: number): Blocked | null {
    if (now < this.#coolUntil) return { reason: 'RateLimited', forMs: this.#coolUntil - now };
    if (this.#openUntil === null || (now >= this.#openUntil && !this.#halfOpen)) return null;
    return { reason: 'CircuitOpen', forMs: Math.max(0, this.#openUntil - now) };
  }

  /** To be called when `rest` is null. true: the breaker is open and this caller alone tries, until it reports. */
  tryHalfOpen(): boolean {
    this.#halfOpen = this.open;
    return this.#halfOpen;
  }

  /** What came of an attempt. One silence opens at once: it cost somebody a whole budget. */
  report(outcome: QueryOutcome, trial: boolean, now: number): void {
    if (trial) this.#halfOpen = false;
    switch (outcome) {
      case 'answered':
        this.#failures = 0;
        this.#trips = 0;
        this.#openUntil = null;
        return;
      case 'failed':
      case 'silent':
        this.#failures++;
        if (trial || outcome === 'silent' || this.#failures >= failuresToOpen) this.#trip(trial, now);
        return;
      case 'cancelled':
        return;
      default:
        return outcome satisfies never;
    }
  }

  /** The registry asked to be left alone (429). */
  coolDown(forMs: number, now: number): void {
    this.#coolUntil = Math.max(this.#coolUntil, now + Math.min(forMs, longestCoolDownMs));
  }

  /** Many that were under way when it broke report too: only a failed trial makes the pause longer. */
  #trip(trial: boolean, now: number): void {
    if (this.open && !trial) return;
    this.#openUntil = now + Math.min(longestPauseMs, firstPauseMs * 2 ** this.#trips);
    this.#trips++;
  }
}
