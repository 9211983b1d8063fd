/** Work that several callers share, at most one piece per key; it may outlive them. Knows nothing of images. */

export interface SharedWork<T> {
  /** Never rejects but for a programming error. */
  readonly done: Promise<T>;
  cancel(): void;
}

interface Flight<W> {
  readonly work: W;
  waiting: number;
}

export class SingleFlight<W extends SharedWork<unknown>> {
  private readonly flights = new Map<string, Flight<W>>();
  private readonly maxAbandoned: number;
  private abandoned = 0;

  /** At most `maxAbandoned` pieces go on for which nobody waits any longer; the next ones are cancelled. */
  constructor(maxAbandoned: number) {
    this.maxAbandoned = maxAbandoned;
  }

  /** The work under way for `key`, else what `start` starts. `leave` must be called once for every `join`. */
  acquire(key: string, start: () => W): { readonly work: W; readonly shared: boolean } {
    const known = this.flights.get(key);
    if (!known) return { work: this.start(key, start()), shared: false };
    if (known.waiting === 0) this.abandoned--;
    known.waiting++;
    return { work: known.work, shared: true };
  }

  /** One caller waits no longer, for whatever reason. */
  release(key: string, work: W): void {
    const flight = this.flights.get(key);
    // It has landed; what flies under this key now is other work.
    if (flight?.work !== work) return;
    flight.waiting--;
    if (flight.waiting > 0) return;
    if (this.abandoned < this.maxAbandoned) {
      this.abandoned++;
      return;
    }
    this.flights.delete(key);
    work.cancel();
  }

  private start(key: string, work: W): W {
    const flight = { work, waiting: 1 };
    this.flights.set(key, flight);
    const landed = (): void => {
      // Cancelled work is no longer in the map, and was never counted.
      if (this.flights.get(key) !== flight) return;
      this.flights.delete(key);
      if (flight.waiting === 0) this.abandoned--;
    };
    work.done.then(landed, landed);
    return work;
  }
}
