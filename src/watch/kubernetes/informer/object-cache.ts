/** The projections of the objects of one kind, and who hears when they change. Where the objects come from is `reflector.ts`'s. */
import { isDeepStrictEqual } from 'node:util';
import { type Fields, fields, text } from '../../../util/unstructured.ts';
import type { Change } from './store.ts';

export interface ObjectCacheOptions<T> {
  /** null: not kept. */
  readonly project: (object: Fields) => T | null;
  readonly equal?: (before: T, after: T) => boolean;
  /** A projection or a listener threw. */
  readonly threw: (error: unknown) => void;
}

/** A full list on its way: what it does not name by its end is gone. */
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
    // A function of its own, so that somebody who subscribes twice leaves once.
    const own = (change: Change<T>): void => listener(change);
    this.#listeners.add(own);
    return () => this.#listeners.delete(own);
  }

  /** Nothing is heard of an object that looks as before. Gives its key, null for what has no name. */
  put(object: Fields): string | null {
    const key = keyOf(object);
    if (key !== null) this.#replace(key, this.#project(object));
    return key;
  }

  remove(object: Fields): void {
    const key = keyOf(object);
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
      this.#options.threw(error);
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
        this.#options.threw(error);
      }
    }
  }

  #equal(before: T, after: T): boolean {
    return (this.#options.equal ?? isDeepStrictEqual)(before, after);
  }
}

function keyOf(object: Fields): string | null {
  const metadata = fields(object['metadata']);
  const name = text(metadata['name']);
  const namespace = text(metadata['namespace']);
  if (name === '') return null;
  return namespace === '' ? name : `${namespace}/${name}`;
}
