/** Equal values kept once: the pods of a cluster repeat the same few texts and shapes over and over. Bounded; what is forgotten is only no longer shared. */

// Of each of two generations; far more than a cluster has distinct images and shapes.
const maxEntries = 50_000;
// Characters: what is longer is somebody's mischief and shared by nobody.
const maxKey = 8_192;

export class Interned<T> {
  readonly #max: number;
  #young = new Map<string, T>();
  #old = new Map<string, T>();

  constructor(max = maxEntries) {
    this.#max = max;
  }

  /** The value kept under `key`, else `make()`, which is kept from now on. */
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
