/** What image texts refer to, each parsed once: the pods of a cluster name the same few hundred images over and over. */
import { LRUCache } from 'lru-cache';
import { InvalidReference } from '../../resolve/reference/error.ts';
import { parseReference } from '../../resolve/reference/parse.ts';
import type { Reference } from '../../resolve/reference/reference.ts';

// Far more than a cluster names at a time, and small enough to be forgotten: a text has 1,024 characters at most.
const maxTexts = 5_000;
const maxLength = 1_024;

export class References {
  readonly #known = new LRUCache<string, Reference | InvalidReference>({ max: maxTexts });

  /** The reference that is written there, or why it is none. */
  in(image: string): Reference | InvalidReference {
    const known = this.#known.get(image);
    if (known) return known;
    const read = referenceIn(image);
    if (image.length <= maxLength) this.#known.set(image, read);
    return read;
  }
}

/** The same, without a memory. */
export function referenceIn(image: string): Reference | InvalidReference {
  try {
    return parseReference(image);
  } catch (error) {
    if (error instanceof InvalidReference) return error;
    throw error;
  }
}
