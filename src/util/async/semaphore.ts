/** A fixed number of slots, handed out in order of arrival. Knows nothing of what they are for. */

export class Semaphore {
  private free: number;
  private readonly queue = new Set<() => void>();

  constructor(count: number) {
    this.free = count;
  }

  /** true: a slot is held, `release` it; false: `signal` aborted first. */
  async acquire(signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return false;
    if (this.free > 0) {
      this.free--;
      return true;
    }
    return await new Promise<boolean>((resolve) => {
      const granted = (): void => {
        signal.removeEventListener('abort', left);
        resolve(true);
      };
      const left = (): void => {
        this.queue.delete(granted);
        resolve(false);
      };
      signal.addEventListener('abort', left, { once: true });
      this.queue.add(granted);
    });
  }

  /** Gives the slot to the one that waits longest. */
  release(): void {
    const [next] = this.queue;
    if (next === undefined) {
      this.free++;
      return;
    }
    this.queue.delete(next);
    next();
  }
}
