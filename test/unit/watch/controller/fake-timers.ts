/** Fake timers: time passes only when a test says so. */
import type { Timers } from '../../../../src/util/async/timers.ts';

interface Due {
  readonly at: number;
  readonly call: () => void;
}

export class FakeTimers implements Timers {
  #now: number;
  #set = 0;
  readonly #due = new Set<Due>();

  constructor(now = 1_000_000) {
    this.#now = now;
  }

  get pending(): number {
    return this.#due.size;
  }

  now(): number {
    return this.#now + this.#set;
  }

  elapsed(): number {
    return this.#now;
  }

  /** Changes the wall clock, but not the monotonic one. */
  set(by: number): void {
    this.#set += by;
  }

  after(ms: number, call: () => void): () => void {
    const due = { at: this.#now + ms, call };
    this.#due.add(due);
    return () => this.#due.delete(due);
  }

  /** Runs the timers due within `ms`; promises settle before, between and after. */
  async pass(ms: number): Promise<void> {
    const end = this.#now + ms;
    await settled();
    for (;;) {
      const [next] = [...this.#due].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
      if (!next) break;
      this.#due.delete(next);
      this.#now = Math.max(this.#now, next.at);
      next.call();
      await settled();
    }
    this.#now = end;
  }
}

/** Resolves when everything that waits only for promises and one turn of the event loop has happened. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 2; i++) await new Promise((resolve) => setImmediate(resolve));
}
