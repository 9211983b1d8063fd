/** The clock and the timers that the controller works by; tests bring their own. */
export interface Timers {
  /** Milliseconds since the epoch, for what is written: clocks are set. */
  now(): number;
  /** Milliseconds since some moment; they only go forward, for what is waited for. */
  elapsed(): number;
  /** Calls back once after `ms`; gives the way to call it off. */
  after(ms: number, call: () => void): () => void;
}

// Longer ones overflow in Node.js and go off at once.
const longestMs = 2 ** 31 - 1;

export const systemTimers: Timers = {
  now: Date.now,
  elapsed: () => performance.now(),
  after(ms, call) {
    const timer = setTimeout(call, Math.min(Math.max(0, ms), longestMs));
    return () => clearTimeout(timer);
  },
};
