/** Read access to the cached objects of one kind. `reflector.ts` fills the cache. */

export interface Change<T> {
  /** Key: `namespace/name`, or `name` for cluster-scoped objects. */
  readonly key: string;
  /** undefined if the object is new. */
  readonly before: T | undefined;
  /** undefined if the object was deleted. */
  readonly after: T | undefined;
}

export interface StoreView<T> {
  /** True once the first full list is complete. */
  readonly isSynced: boolean;
  readonly size: number;
  get(key: string): T | undefined;
  values(): IterableIterator<T>;
  /**
   * Calls `listener` after each change from now on. The listener must not throw. Returns the function that
   * removes it.
   */
  subscribe(listener: (change: Change<T>) => void): () => void;
}

/** Calls `apply` for each object in the store, then for each change from now on. */
export function trackStore<T>(
  store: Pick<StoreView<T>, 'values' | 'subscribe'>,
  apply: (before: T | undefined, after: T | undefined) => void,
): void {
  for (const value of store.values()) apply(undefined, value);
  store.subscribe(({ before, after }) => apply(before, after));
}
