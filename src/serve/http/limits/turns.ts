/**
 * Queue of work of which one piece runs per turn of the event loop, so that other requests are answered in
 * between.
 */
export class Turns {
  readonly #waiting: (() => void)[] = [];

  /** Runs `work` in a later turn, in order. */
  run(work: () => void): void {
    this.#waiting.push(work);
    if (this.#waiting.length === 1) setImmediate(() => this.#next());
  }

  #next(): void {
    try {
      this.#waiting[0]?.();
    } finally {
      this.#waiting.shift();
      if (this.#waiting.length > 0) setImmediate(() => this.#next());
    }
  }
}
