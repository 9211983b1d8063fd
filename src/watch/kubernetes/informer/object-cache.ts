/** Cache of the projected objects of one kind, with listeners for changes. `reflector.ts` fills it. */
import { isDeepStrictEqual } from 'node:util';
import { type Fields, fields, text } from '../../../util/unstructured.ts';
import type { Change } from './store.ts';

export interface ObjectCacheOptions<T> {
  /** Returns the projection of an object; null for objects that are not cached. */
  readonly project: (object: Fields) => T | null;
  readonly equal?: (before: T, after: T) => boolean;
  /** Called when a projection or a listener throws. */
  readonly onError: (error: unknown) => void;
}

/** Full list in progress. `done` removes the objects that it did not name. */
export interface Relist {
  put(object: Fields): void;
  done(): void;
}

export class ObjectCache<T> {
  readonly #options: ObjectCacheOptions<T>;
  readonly #values = new Map<string, T>();
  readonly #listeners = new Set<(change: Change<T>) => void>();

  constructor(options: ObjectCacheOptions<T>) {
    this.#options = options;
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
    // Each registration has its own function, so that a listener registered twice is removed once.
    const wrapper = (change: Change<T>): void => listener(change);
    this.#listeners.add(wrapper);
    return () => this.#listeners.delete(wrapper);
  }

  /**
   * Adds or replaces an object. It does not call listeners if the projection is unchanged. Returns the key,
   * or null if the object has no name.
   */
  put(object: Fields): string | null {
    const key = objectKey(object);
    if (key !== null) this.#replace(key, this.#project(object));
    return key;
  }

  remove(object: Fields): void {
    const key = objectKey(object);
    if (key !== null) this.#replace(key, undefined);
  }

  relist(): Relist {
    const seen = new Set<string>();
    return {
      put: (object) => {
        const key = this.put(object);
        if (key !== null) seen.add(key);
      },
      done: () => {
        for (const key of this.#values.keys()) if (!seen.has(key)) this.#replace(key, undefined);
      },
    };
  }

  #project(object: Fields): T | undefined {
    try {
      return this.#options.project(object) ?? undefined;
    } catch (error) {
      this.#options.onError(error);
      return undefined;
    }
  }

  #replace(key: string, after: T | undefined): void {
    const before = this.#values.get(key);
    if (before === undefined && after === undefined) return;
    if (after === undefined) this.#values.delete(key);
    else {
      if (before !== undefined && this.#equal(before, after)) return;
      this.#values.set(key, after);
    }
    for (const listener of this.#listeners) {
      try {
        listener({ key, before, after });
      } catch (error) {
        this.#options.onError(error);
      }
    }
  }

  #equal(before: T, after: T): boolean {
    return (this.#options.equal ?? isDeepStrictEqual)(before, after);
  }
}

function objectKey(object: Fields): string | null {
  const metadata = fields(object['metadata']);
  const name = text(metadata['name']);
  const namespace = text(metadata['namespace']);
  if (name === '') return null;
  return namespace === '' ? name : `${namespace}/${name}`;
}
