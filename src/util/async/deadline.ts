/** The one deadline of a piece of work, made where the work enters and handed down. Not a timer of its own kind: it wraps an `AbortSignal`. */

/** Times are milliseconds on the clock of `performance.now()`. */
export interface Deadline {
  /** Aborts when the time is up or the caller went away. */
  readonly signal: AbortSignal;
  /** When the time is up. */
  readonly at: number;
}

/** A deadline `ms` from now that also ends when `cancel` aborts. */
export function deadlineIn(ms: number, cancel?: AbortSignal): Deadline {
  const timeout = AbortSignal.timeout(ms);
  return {
    at: performance.now() + ms,
    signal: cancel ? AbortSignal.any([timeout, cancel]) : timeout,
  };
}

/** Milliseconds left, never negative. */
export function remaining(deadline: Deadline): number {
  return Math.max(0, deadline.at - performance.now());
}

/** Resolves when the deadline aborts: for a race with work that may never end. */
export function expiry({ signal }: Deadline): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    else signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
}
