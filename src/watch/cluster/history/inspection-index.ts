/** Index of ImageInspections by namespace and image. */
import { InvalidReference } from '../../../resolve/reference/error.ts';
import { canonical, nameOf } from '../../../resolve/reference/format.ts';
import type { Reference } from '../../../resolve/reference/reference.ts';
import type { ImageInspection } from '../../api/parse-inspection.ts';
import { type StoreView, trackStore } from '../../kubernetes/informer/store.ts';

export interface IndexedInspection {
  /** The image before any pin. */
  readonly reference: Reference;
  readonly object: ImageInspection;
}

export interface InspectionIndexOptions {
  readonly store: Pick<StoreView<ImageInspection>, 'values' | 'subscribe'>;
  readonly referenceIn: (image: string) => Reference | InvalidReference;
}

export class InspectionIndex {
  readonly #referenceIn: InspectionIndexOptions['referenceIn'];
  /** Key of namespace and repository → object name → object. */
  readonly #objects = new Map<string, Map<string, IndexedInspection>>();

  constructor({ store, referenceIn }: InspectionIndexOptions) {
    this.#referenceIn = referenceIn;
    trackStore(store, (before, after) => {
      if (before) this.#remove(before);
      if (after) this.#add(after);
    });
  }

  /** Returns the objects of one repository, usually one per tag in use. */
  forRepository(namespace: string, reference: Reference): Iterable<IndexedInspection> {
    return this.#objects.get(repositoryKey(namespace, reference))?.values() ?? [];
  }

  /** Returns the objects of exactly this image. There may be several: users can create their own. */
  *forImage(namespace: string, reference: Reference): Iterable<IndexedInspection> {
    const wanted = canonical(reference);
    for (const remembered of this.forRepository(namespace, reference)) {
      if (canonical(remembered.reference) === wanted) yield remembered;
    }
  }

  #add(image: ImageInspection): void {
    const reference = this.#referenceIn(image.spec.image);
    if (reference instanceof InvalidReference) return;
    const key = repositoryKey(image.namespace, reference);
    const images = this.#objects.get(key) ?? new Map<string, IndexedInspection>();
    images.set(image.name, { reference, object: image });
    this.#objects.set(key, images);
  }

  #remove({ namespace, name, spec }: ImageInspection): void {
    const reference = this.#referenceIn(spec.image);
    if (reference instanceof InvalidReference) return;
    const key = repositoryKey(namespace, reference);
    const images = this.#objects.get(key);
    images?.delete(name);
    if (images?.size === 0) this.#objects.delete(key);
  }
}

function repositoryKey(namespace: string, reference: Reference): string {
  return `${namespace} ${nameOf(reference)}`;
}
