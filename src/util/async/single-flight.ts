/**
 * Single flight: callers with the same key share one piece of work, which may continue after they have left.
 */

export interface SharedWork<T> {
  /** Promise of the result. It rejects only for a programming error. */
  readonly done: Promise<T>;
  cancel(): void;
}

interface Flight<W> {
  readonly work: W;
  waiting: number;
}

export class SingleFlight<W extends SharedWork<unknown>> {
  readonly #flights = new Map<string, Flight<W>>();
  readonly #maxAbandoned: number;
  #abandoned = 0;

  /**
   * At most `maxAbandoned` pieces of work continue after all their callers have left; further ones are
   * cancelled.
   */
  constructor(maxAbandoned: number) {
    this.#maxAbandoned = maxAbandoned;
  }

  /**
   * Returns the running work for `key`, or starts it. Every call of `acquire` needs one call of `release`.
   */
  acquire(key: string, start: () => W): { readonly work: W; readonly shared: boolean } {
    const known = this.#flights.get(key);
    if (!known) return { work: this.#start(key, start()), shared: false };
    if (known.waiting === 0) this.#abandoned--;
    known.waiting++;
    return { work: known.work, shared: true };
  }

  /** Must be called when one caller stops waiting, whether or not the work has finished. */
  release(key: string, work: W): void {
    const flight = this.#flights.get(key);
    // The work has settled already, and other work may run under this key by now.
    if (flight?.work !== work) return;
    flight.waiting--;
    if (flight.waiting > 0) return;
    if (this.#abandoned < this.#maxAbandoned) {
      this.#abandoned++;
      return;
    }
    this.#flights.delete(key);
    work.cancel();
  }

  #start(key: string, work: W): W {
    const flight = { work, waiting: 1 };
    this.#flights.set(key, flight);
    const settled = (): void => {
      // Cancelled work is not in the map any more, and `#abandoned` never counted it.
      if (this.#flights.get(key) !== flight) return;
      this.#flights.delete(key);
      if (flight.waiting === 0) this.#abandoned--;
    };
    work.done.then(settled, settled);
    return work;
  }
}
