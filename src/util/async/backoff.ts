/** Exponential backoff with jitter. It is a pure function: the caller does the waiting. */

export interface BackoffTimes {
  /** Wait before the second attempt, in milliseconds. */
  readonly firstMs: number;
  readonly longestMs: number;
}

/**
 * Returns between half and all of the doubled time. The fixed half prevents a busy loop; the random half
 * keeps replicas that failed together from retrying together. `failures` counts from 1; `random` is in [0,
 * 1).
 */
export function backoff({ firstMs, longestMs }: BackoffTimes, failures: number, random: number): number {
  // 52 doublings exceed every limit, and 2 ** 1024 would be Infinity.
  const doublings = Math.min(Math.max(failures - 1, 0), 52);
  const full = Math.min(longestMs, firstMs * 2 ** doublings);
  return full / 2 + (full / 2) * random;
}
