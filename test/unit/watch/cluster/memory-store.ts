/** A store that a test fills by hand, as a reflector would. */
import type { Change, StoreView } from '../../../../src/watch/kubernetes/informer/store.ts';

export class MemoryStore<T> implements StoreView<T> {
  isSynced = true;
  readonly #values = new Map<string, T>();
  readonly #listeners = new Set<(change: Change<T>) => void>();

  constructor(values: Readonly<Record<string, T>> = {}) {
    for (const [key, value] of Object.entries(values)) this.#values.set(key, value);
  }

  get size(): number {
    return this.#values.size;
  }

  get(key: string): T | undefined {
    return this.#values.get(key);
  }

  values(): IterableIterator<T> {
    return this.#values.values();
  }

  subscribe(listener: (change: Change<T>) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** undefined: it is gone. */
  put(key: string, after: T | undefined): void {
    const before = this.#values.get(key);
    if (after === undefined) this.#values.delete(key);
    else this.#values.set(key, after);
    for (const listener of this.#listeners) listener({ key, before, after });
  }
}
