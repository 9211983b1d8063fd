/** Suppression of repeated log lines: the same failure of the same source is logged once a minute. */
import { describeError } from './error-text.ts';

/**
 * Time for which repeats are suppressed. A minute keeps a log readable and still shows that a failure
 * persists.
 */
const suppressMs = 60_000;

export class Repeats {
  readonly #now: () => number;
  /** Maps a source to its last logged failure; there are few sources. */
  readonly #logged = new Map<string, { readonly text: string; readonly timeMs: number }>();

  /** `now` returns milliseconds and is replaced in tests. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /**
   * Returns true if this failure of `source` was not logged within the last minute. It then counts as logged.
   */
  isFirst(source: string, error: unknown): boolean {
    const [text, timeMs, last] = [describeError(error), this.#now(), this.#logged.get(source)];
    if (last?.text === text && timeMs - last.timeMs < suppressMs) return false;
    this.#logged.set(source, { text, timeMs });
    return true;
  }

  /** Forgets the failure of `source` because it works again, so that its next failure is logged. */
  reset(source: string): void {
    this.#logged.delete(source);
  }
}
