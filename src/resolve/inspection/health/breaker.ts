/** Circuit breaker of one endpoint, and its pause after a 429. It is a pure state machine: the caller passes the time. */

/**
 * `answered`: a response that shows a working registry, even a 404 or 401. `server-error`: a 5xx response. `failed`: no
 * response. `silent`: no response within a fair time.
 */
export type QueryOutcome = 'answered' | 'server-error' | 'failed' | 'silent' | 'cancelled';

/** Reason for not sending a request, and its remaining milliseconds. */
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
  #coolUntil = Number.NEGATIVE_INFINITY;

  get isOpen(): boolean {
    return this.#openUntil !== null;
  }

  /** Returns null if a request may be sent. With an open circuit only one trial may be sent. */
  blockedUntil(now: number): Blocked | null {
    if (now < this.#coolUntil) return { reason: 'RateLimited', forMs: this.#coolUntil - now };
    if (this.#openUntil === null || (now >= this.#openUntil && !this.#halfOpen)) return null;
    return { reason: 'CircuitOpen', forMs: Math.max(0, this.#openUntil - now) };
  }

  /** Must be called when `blockedUntil` is null. Returns true if the circuit is open and this caller is the one trial. */
  tryHalfOpen(): boolean {
    this.#halfOpen = this.isOpen;
    return this.#halfOpen;
  }

  /** Records the outcome of an attempt. A single silence opens the circuit, because each costs a whole time limit. */
  report(outcome: QueryOutcome, isTrial: boolean, now: number): void {
    if (isTrial) this.#halfOpen = false;
    switch (outcome) {
      case 'answered':
        this.#failures = 0;
        this.#trips = 0;
        this.#openUntil = null;
        return;
      case 'failed':
      case 'server-error':
      case 'silent':
        this.#failures++;
        if (isTrial || outcome === 'silent' || this.#failures >= failuresToOpen) this.#trip(isTrial, now);
        return;
      case 'cancelled':
        return;
      default:
        return outcome satisfies never;
    }
  }

  /** Starts a pause after a 429. */
  coolDown(forMs: number, now: number): void {
    this.#coolUntil = Math.max(this.#coolUntil, now + Math.min(forMs, longestCoolDownMs));
  }

  /** Opens the circuit. Many running requests report after it opened, so only a failed trial lengthens the pause. */
  #trip(isTrial: boolean, now: number): void {
    if (this.isOpen && !isTrial) return;
    this.#openUntil = now + Math.min(longestPauseMs, firstPauseMs * 2 ** this.#trips);
    this.#trips++;
  }
}
