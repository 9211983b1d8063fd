/** Share of the remaining time for one attempt. It is pure arithmetic. */

export interface TimeLeft {
  /** Time limit for one endpoint while others remain, milliseconds; Infinity for none. */
  readonly endpointTimeoutMs: number;
  /** Time until the caller leaves, milliseconds; 0 if no caller waits. */
  readonly callerMs: number;
  /** Time until the work itself ends, milliseconds. */
  readonly workMs: number;
  /** Number of endpoints that can still be queried, the current one included. */
  readonly endpoints: number;
}

/** Returns the milliseconds for the next attempt. The last endpoint gets all the time that is left. */
export function attemptBudget({ endpointTimeoutMs, callerMs, workMs, endpoints }: TimeLeft): number {
  if (endpoints <= 1) return Math.ceil(workMs);
  const left = callerMs > 0 ? Math.min(callerMs, workMs) : workMs;
  // Timers accept whole milliseconds only.
  return Math.ceil(Math.min(endpointTimeoutMs, left / endpoints));
}
