/** What is tried every few seconds fails every few seconds: whether that was told a moment ago. Not for what is counted. */
import { describeError } from './error-text.ts';

/** A minute: long enough for a log to stay readable, short enough to see that it goes on. */
const sameAgainMs = 60_000;

export class Repeats {
  readonly #now: () => number;
  /** By whom or what failed: few. */
  readonly #told = new Map<string, { readonly what: string; readonly at: number }>();

  /** `now`: milliseconds, for tests. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Is it news that `who` failed by `error`? Then it counts as told. */
  isNews(who: string, error: unknown): boolean {
    const [what, at, before] = [describeError(error), this.#now(), this.#told.get(who)];
    if (before?.what === what && at - before.at < sameAgainMs) return false;
    this.#told.set(who, { what, at });
    return true;
  }

  /** It works again: the next failure is news. */
  forget(who: string): void {
    this.#told.delete(who);
  }
}
