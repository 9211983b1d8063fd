/**
 * Set of keys in groups. It serves the groups in turn, so that one group with many keys does not delay the
 * others.
 */
export class FairSet {
  /** Maps a group to its keys. Groups and keys are in the order in which `take` returns them. */
  readonly #groups = new Map<string, Set<string>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  has(group: string, key: string): boolean {
    return this.#groups.get(group)?.has(key) ?? false;
  }

  add(group: string, key: string): void {
    const keys = this.#groups.get(group) ?? new Set();
    if (keys.has(key)) return;
    this.#groups.set(group, keys.add(key));
    this.#size++;
  }

  delete(group: string, key: string): void {
    const keys = this.#groups.get(group);
    if (!keys?.delete(key)) return;
    this.#size--;
    if (keys.size === 0) this.#groups.delete(group);
  }

  /**
   * Removes and returns the oldest key of the next group that `mayTake` accepts, and moves that group to the
   * end of the queue. Returns null if there is no such group.
   */
  take(mayTake: (group: string) => boolean): string | null {
    for (const [group, keys] of this.#groups) {
      const [key] = keys;
      if (key === undefined || !mayTake(group)) continue;
      this.delete(group, key);
      if (this.#groups.delete(group)) this.#groups.set(group, keys);
      return key;
    }
    return null;
  }

  clear(): void {
    this.#groups.clear();
    this.#size = 0;
  }
}
