/** How much of the time that is left one endpoint may take (rule 1). Pure arithmetic; the clock is the caller's. */

export interface TimeLeft {
  /** What one endpoint may take at most while others wait behind it, milliseconds. */
  readonly endpointTimeoutMs: number;
  /** Until the one who waits goes away; 0 when nobody waits any longer. */
  readonly softMs: number;
  /** Until the work itself ends, in the background if need be. */
  readonly hardMs: number;
  /** Endpoints that can still be asked, this one included. */
  readonly endpoints: number;
}

/** Milliseconds for the next attempt. The last endpoint gets all there is: with nobody behind it, giving up early helps nobody. */
export function attemptBudget({ endpointTimeoutMs, softMs, hardMs, endpoints }: TimeLeft): number {
  if (endpoints <= 1) return Math.ceil(hardMs);
  const left = softMs > 0 ? Math.min(softMs, hardMs) : hardMs;
  // Timers take whole milliseconds.
  return Math.ceil(Math.min(endpointTimeoutMs, left / endpoints));
}
