/**
 * Limiter of concurrent requests for content at each source: three, like containerd's layer downloads
 * (`max_concurrent_downloads`). The first request runs alone, so that a token is requested, or a timeout waited for, only
 * once.
 */
import { Semaphore } from '../../util/async/semaphore.ts';

const slotsPerSource = 3;

interface Source {
  readonly slots: Semaphore;
  isKnown: boolean;
}

export class SourceSlots {
  readonly #sources = new Map<string, Source>();

  /** Returns the function that releases the slot; null if `signal` aborted first. */
  async acquire(source: string, signal: AbortSignal): Promise<(() => void) | null> {
    const state = this.#source(source);
    if (!(await state.slots.acquire(signal))) return null;
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      const opened = state.isKnown ? 1 : slotsPerSource;
      state.isKnown = true;
      for (let count = 0; count < opened; count++) state.slots.release();
    };
  }

  #source(name: string): Source {
    const known = this.#sources.get(name);
    if (known) return known;
    const source = { slots: new Semaphore(1), isKnown: false };
    this.#sources.set(name, source);
    return source;
  }
}
