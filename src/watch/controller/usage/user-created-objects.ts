/** Index of user-created objects for images that pods use as well. */
import type { ImageInspection } from '../../api/parse-inspection.ts';
import type { Change } from '../../kubernetes/informer/store.ts';

export class UserCreatedObjects {
  readonly #imageKey: (namespace: string, image: string) => string;
  /** Key of the usage → keys of objects. */
  readonly #objects = new Map<string, Set<string>>();

  /** `imageKey` returns the key of the usage of an image. */
  constructor(imageKey: (namespace: string, image: string) => string) {
    this.#imageKey = imageKey;
  }

  forImage(usageKey: string): Iterable<string> {
    return this.#objects.get(usageKey) ?? [];
  }

  apply({ before, after }: Pick<Change<ImageInspection>, 'before' | 'after'>): void {
    if (before && !before.isManaged) this.#remove(before);
    if (after && !after.isManaged) this.#add(after);
  }

  #add({ namespace, name, spec }: ImageInspection): void {
    const key = this.#imageKey(namespace, spec.image);
    const objects = this.#objects.get(key) ?? new Set();
    this.#objects.set(key, objects.add(`${namespace}/${name}`));
  }

  #remove({ namespace, name, spec }: ImageInspection): void {
    const key = this.#imageKey(namespace, spec.image);
    const objects = this.#objects.get(key);
    objects?.delete(`${namespace}/${name}`);
    if (objects?.size === 0) this.#objects.delete(key);
  }
}
