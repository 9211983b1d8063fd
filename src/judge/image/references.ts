/** Cache of parsed image texts: the pods of a cluster name the same few hundred images again and again. */
import { LRUCache } from 'lru-cache';
import { InvalidReference } from '../../resolve/reference/error.ts';
import { parseReference } from '../../resolve/reference/parse.ts';
import type { Reference } from '../../resolve/reference/reference.ts';

// Limits of the cache: far more images than a cluster uses at a time, and 5 MB in all at 1,024 characters
// each.
const maxTexts = 5_000;
const maxLength = 1_024;

export class References {
  readonly #known = new LRUCache<string, Reference | InvalidReference>({ max: maxTexts });

  /** Returns the reference, or the reason why the text is not a reference. */
  in(image: string): Reference | InvalidReference {
    const known = this.#known.get(image);
    if (known) return known;
    const read = referenceIn(image);
    if (image.length <= maxLength) this.#known.set(image, read);
    return read;
  }
}

/** Parses the text without the cache. */
export function referenceIn(image: string): Reference | InvalidReference {
  try {
    return parseReference(image);
  } catch (error) {
    if (error instanceof InvalidReference) return error;
    throw error;
  }
}
