/** Counter of the images in use by the result in their objects, updated with each change. */
import type { ImageInspection } from '../../api/parse-inspection.ts';
import { isDrifted } from '../../api/conditions.ts';
import type { Change } from '../../kubernetes/informer/store.ts';
import type { ImageCounts } from '../observer.ts';

export class ImageCounter implements ImageCounts {
  readonly #imageKey: (namespace: string, image: string) => string;
  readonly #results = new Map<string, number>();
  #drifted = 0;

  /** `imageKey` returns the key (`namespace/name`) of the object of an image in use. */
  constructor(imageKey: (namespace: string, image: string) => string) {
    this.#imageKey = imageKey;
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
    // An object that is kept for its pins, or without users, does not count.
    if (!status || status.usedBy.pods + status.usedBy.workloads === 0) return;
    if (!this.#isOfImage(object)) return;
    this.#results.set(status.result, (this.#results.get(status.result) ?? 0) + by);
    if (isDrifted(status)) this.#drifted += by;
  }
  /** Excludes user-created objects about an image in use: the image would count twice. */
  #isOfImage({ isManaged, namespace, name, spec }: ImageInspection): boolean {
    return isManaged || this.#imageKey(namespace, spec.image) === `${namespace}/${name}`;
  }
}
