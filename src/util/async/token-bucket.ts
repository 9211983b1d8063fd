/** Token bucket rate limiter. It is a pure state machine: the caller passes the time. */

export interface BucketSize {
  readonly burst: number;
  /** Time after which one token is added. */
  readonly everyMs: number;
}

export class TokenBucket {
  readonly #size: BucketSize;
  #tokens: number;
  #filledAt: number;

  constructor(size: BucketSize, now: number) {
    this.#size = size;
    this.#tokens = size.burst;
    this.#filledAt = now;
  }

  /** Takes one token. Returns false if the bucket is empty. */
  take(now: number): boolean {
    const { burst, everyMs } = this.#size;
    this.#tokens = Math.min(burst, this.#tokens + Math.max(0, now - this.#filledAt) / everyMs);
    this.#filledAt = now;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
