/** Semaphore with a fixed number of slots, granted in order of arrival. */

export class Semaphore {
  #free: number;
  readonly #queue = new Set<() => void>();

  constructor(count: number) {
    this.#free = count;
  }

  /**
   * Returns true if a slot was acquired, which the caller must release, and false if `signal` aborted first.
   */
  async acquire(signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return false;
    if (this.#free > 0) {
      this.#free--;
      return true;
    }
    return await new Promise<boolean>((resolve) => {
      const granted = (): void => {
        signal.removeEventListener('abort', abandoned);
        resolve(true);
      };
      const abandoned = (): void => {
        this.#queue.delete(granted);
        resolve(false);
      };
      signal.addEventListener('abort', abandoned, { once: true });
      this.#queue.add(granted);
    });
  }

  /** Passes the slot to the caller that has waited longest. */
  release(): void {
    const [next] = this.#queue;
    if (next === undefined) {
      this.#free++;
      return;
    }
    this.#queue.delete(next);
    next();
  }
}
