/** A store's values into an index: those that are there, then every change. */
import type { StoreView } from '../kubernetes/informer/store.ts';

export function feed<T>(
  store: Pick<StoreView<T>, 'values' | 'subscribe'>,
  apply: (before: T | undefined, after: T | undefined) => void,
): void {
  for (const value of store.values()) apply(undefined, value);
  store.subscribe(({ before, after }) => apply(before, after));
}
