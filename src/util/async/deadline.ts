/**
 * Deadline of one piece of work. It is created where the work enters and passed down, and it wraps an
 * `AbortSignal`.
 */

/** Deadline in milliseconds on the monotonic clock of `performance.now()`. */
export interface Deadline {
  /** Signal that aborts when the time is up or the caller cancels. */
  readonly signal: AbortSignal;
  /** Time at which the deadline expires. */
  readonly at: number;
}

/** Returns a deadline `ms` from now that also ends when `cancel` aborts. */
export function deadlineIn(ms: number, cancel?: AbortSignal): Deadline {
  const timeout = AbortSignal.timeout(ms);
  return {
    at: performance.now() + ms,
    signal: cancel ? AbortSignal.any([timeout, cancel]) : timeout,
  };
}

/** Returns the milliseconds left, which are never negative. */
export function remaining(deadline: Deadline): number {
  return Math.max(0, deadline.at - performance.now());
}

/** Resolves when the deadline aborts. It is meant for a race with work that may never end. */
export function expiry({ signal }: Deadline): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    else signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
}
