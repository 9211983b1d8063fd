/** Debounced call: several triggers cause one call, a fixed time after the first trigger. */
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

  trigger(): void {
    this.#cancel ??= this.#timers.after(this.#ms, () => {
      this.#cancel = null;
      this.#call();
    });
  }

  /** Cancels a pending call. */
  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
  }
}
