/** Runs work one piece per turn of the event loop, so that other requests are answered between two pieces. */
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
