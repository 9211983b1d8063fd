/** Many changes, one call: some time after the first of them. */
import type { Timers } from './timers.ts';

export class Debounce {
  readonly #timers: Timers;
  readonly #ms: number;
  readonly #call: () => void;
  #cancel: (() => void) | null = null;

  constructor(timers: Timers, ms: number, call: () => void) {
    this.#timers = timers;
    this.#ms = ms;
    this.#call = call;
  }

  poke(): void {
    this.#cancel ??= this.#timers.after(this.#ms, () => {
      this.#cancel = null;
      this.#call();
    });
  }

  /** What was to be called is not. */
  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
  }
}
