/** Counts the images in use by the results that their objects show, change by change. */
import type { ImageInspection } from '../../api/read.ts';
import { isDrifted } from '../../api/conditions.ts';
import type { Change } from '../../kubernetes/informer/store.ts';
import type { ImageCounts } from '../observer.ts';

export class ImageCounter implements ImageCounts {
  readonly #keyOf: (namespace: string, image: string) => string;
  readonly #results = new Map<string, number>();
  #drifted = 0;

  /** `keyOf`: `namespace/name` of the object that an image in use has. */
  constructor(keyOf: (namespace: string, image: string) => string) {
    this.#keyOf = keyOf;
  }

  get results(): ReadonlyMap<string, number> {
    return this.#results;
  }

  get drifted(): number {
    return this.#drifted;
  }

  apply({ before, after }: Pick<Change<ImageInspection>, 'before' | 'after'>): void {
    if (before) this.#add(before, -1);
    if (after) this.#add(after, 1);
  }

  #add(object: ImageInspection, by: 1 | -1): void {
    const { status } = object;
    // An object that is kept for its pins, or that a person made to ask, is of no image in use.
    if (!status || status.usedBy.pods + status.usedBy.workloads === 0) return;
    if (!this.#standsForImage(object)) return;
    this.#results.set(status.result, (this.#results.get(status.result) ?? 0) + by);
    if (isDrifted(status)) this.#drifted += by;
  }
  /** What a person asks about an image in use is told of its users, too: it would count twice. */
  #standsForImage({ isManaged, namespace, name, spec }: ImageInspection): boolean {
    return isManaged || this.#keyOf(namespace, spec.image) === `${namespace}/${name}`;
  }
}
