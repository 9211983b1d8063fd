/**
 * Bounded intern pool, which keeps equal values once, because the pods of a cluster repeat the same texts and
 * shapes. An evicted value is merely not shared any more.
 */

// Limit of entries in each of two generations, far more than a cluster has distinct images and shapes.
const maxEntries = 50_000;
// Limit of a key in characters. Real values are shorter, and longer ones are not shared.
const maxKey = 8_192;

export class InternPool<T> {
  readonly #max: number;
  #young = new Map<string, T>();
  #old = new Map<string, T>();

  constructor(max = maxEntries) {
    this.#max = max;
  }

  /** Returns the value stored under `key`, or the new value of `make()`. */
  share(key: string, make: () => T): T {
    if (key.length > maxKey) return make();
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const value = this.#old.get(key) ?? make();
    if (this.#young.size >= this.#max) [this.#old, this.#young] = [this.#young, new Map()];
    this.#young.set(key, value);
    return value;
  }
}
