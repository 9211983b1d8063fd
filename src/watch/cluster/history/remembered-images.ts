/** ImageInspections by the image that they are about, change by change. What they are good for is `siblings.ts`'s and `recall.ts`'s. */
import { InvalidReference } from '../../../resolve/reference/error.ts';
import { canonical, nameOf } from '../../../resolve/reference/format.ts';
import type { Reference } from '../../../resolve/reference/reference.ts';
import type { ImageInspection } from '../../api/read.ts';
import { type StoreView, trackStore } from '../../kubernetes/informer/store.ts';

export interface Remembered {
  /** What it is about, before any pin. */
  readonly reference: Reference;
  readonly image: ImageInspection;
}

export interface RememberedImagesOptions {
  readonly store: Pick<StoreView<ImageInspection>, 'values' | 'subscribe'>;
  readonly referenceIn: (image: string) => Reference | InvalidReference;
}

export class RememberedImages {
  readonly #referenceIn: RememberedImagesOptions['referenceIn'];
  /** Namespace and repository → name of the object. */
  readonly #images = new Map<string, Map<string, Remembered>>();

  constructor({ store, referenceIn }: RememberedImagesOptions) {
    this.#referenceIn = referenceIn;
    trackStore(store, (before, after) => {
      if (before) this.#remove(before);
      if (after) this.#add(after);
    });
  }

  /** All of one repository: its tags in use, a handful. */
  ofRepository(namespace: string, reference: Reference): Iterable<Remembered> {
    return this.#images.get(keyOf(namespace, reference))?.values() ?? [];
  }

  /** Those that are about exactly this. Several: people can make their own. */
  *about(namespace: string, reference: Reference): Iterable<Remembered> {
    const wanted = canonical(reference);
    for (const remembered of this.ofRepository(namespace, reference)) {
      if (canonical(remembered.reference) === wanted) yield remembered;
    }
  }

  #add(image: ImageInspection): void {
    const reference = this.#referenceIn(image.spec.image);
    if (reference instanceof InvalidReference) return;
    const key = keyOf(image.namespace, reference);
    const images = this.#images.get(key) ?? new Map<string, Remembered>();
    images.set(image.name, { reference, image });
    this.#images.set(key, images);
  }

  #remove({ namespace, name, spec }: ImageInspection): void {
    const reference = this.#referenceIn(spec.image);
    if (reference instanceof InvalidReference) return;
    const key = keyOf(namespace, reference);
    const images = this.#images.get(key);
    images?.delete(name);
    if (images?.size === 0) this.#images.delete(key);
  }
}

function keyOf(namespace: string, reference: Reference): string {
  return `${namespace} ${nameOf(reference)}`;
}
