/** What is known of all objects of one kind, as far as somebody projected them. Filling it is `reflector.ts`'s. */

export interface Change<T> {
  /** `namespace/name`, or `name` for what has no namespace. */
  readonly key: string;
  /** undefined: it is new. */
  readonly before: T | undefined;
  /** undefined: it is gone. */
  readonly after: T | undefined;
}

export interface StoreView<T> {
  /** The first full list is in. */
  readonly isSynced: boolean;
  readonly size: number;
  get(key: string): T | undefined;
  values(): IterableIterator<T>;
  /** `listener` hears of every change from now on, after the store has it; it must not throw. Gives the way to leave. */
  subscribe(listener: (change: Change<T>) => void): () => void;
}
