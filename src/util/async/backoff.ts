/** How long to wait after so many failures in a row: it doubles up to a bound, with jitter. A pure function; waiting is the caller's. */

export interface BackoffTimes {
  /** Before the second try. */
  readonly firstMs: number;
  readonly longestMs: number;
}

/**
 * `failures` counts from 1; `random` is in [0, 1). At least half of the doubled time, so that nobody is hot; the other half
 * is chance, so that replicas that failed together do not come back together.
 */
export function backoff({ firstMs, longestMs }: BackoffTimes, failures: number, random: number): number {
  // 2 ** 1024 is no number any more.
  const doublings = Math.min(Math.max(failures - 1, 0), 52);
  const full = Math.min(longestMs, firstMs * 2 ** doublings);
  return full / 2 + (full / 2) * random;
}
