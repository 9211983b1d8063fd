/** Clock and timers, injected so that tests do not depend on wall time. */
export interface Timers {
  /** Milliseconds since the epoch, for timestamps that are shown. The clock may be set back. */
  now(): number;
  /** Milliseconds on a monotonic clock, for durations. */
  elapsed(): number;
  /** Calls back once after `ms`. Returns a function that cancels the call. */
  after(ms: number, call: () => void): () => void;
}

// Node.js fires longer timers at once, because the delay overflows 32 bits.
const longestMs = 2 ** 31 - 1;

export const systemTimers: Timers = {
  now: Date.now,
  elapsed: () => performance.now(),
  after(ms, call) {
    const timer = setTimeout(call, Math.min(Math.max(0, ms), longestMs));
    return () => clearTimeout(timer);
  },
};
