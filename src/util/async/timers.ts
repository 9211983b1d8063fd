/** Clock and timers, injected so that tests do not depend on wall time. */
export interface Timers {
  /** Returns milliseconds since the epoch, for timestamps that are shown. This clock may be set back. */
  now(): number;
  /** Returns milliseconds on a monotonic clock, for durations. */
  elapsed(): number;
  /** Calls back once after `ms`. Returns a function that cancels the call. */
  after(ms: number, call: () => void): () => void;
}

// Node.js fires longer timers at once, because their delay overflows 32 bits.
const longestMs = 2 ** 31 - 1;

export const systemTimers: Timers = {
  now: Date.now,
  elapsed: () => performance.now(),
  after(ms, call) {
    const timer = setTimeout(call, Math.min(Math.max(0, ms), longestMs));
    return () => clearTimeout(timer);
  },
};
