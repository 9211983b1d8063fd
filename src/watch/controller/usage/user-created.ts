/** Which objects people made for an image that is used, too. */
import type { ImageInspection } from '../../api/read.ts';
import type { Change } from '../../kubernetes/informer/store.ts';

export class UserCreated {
  readonly #keyOf: (namespace: string, image: string) => string;
  /** Key of the usage → keys of objects. */
  readonly #objects = new Map<string, Set<string>>();

  /** `keyOf`: of the usage of an image. */
  constructor(keyOf: (namespace: string, image: string) => string) {
    this.#keyOf = keyOf;
  }

  about(usageKey: string): Iterable<string> {
    return this.#objects.get(usageKey) ?? [];
  }

  apply({ before, after }: Pick<Change<ImageInspection>, 'before' | 'after'>): void {
    if (before && !before.isManaged) this.#remove(before);
    if (after && !after.isManaged) this.#add(after);
  }

  #add({ namespace, name, spec }: ImageInspection): void {
    const key = this.#keyOf(namespace, spec.image);
    const objects = this.#objects.get(key) ?? new Set();
    this.#objects.set(key, objects.add(`${namespace}/${name}`));
  }

  #remove({ namespace, name, spec }: ImageInspection): void {
    const key = this.#keyOf(namespace, spec.image);
    const objects = this.#objects.get(key);
    objects?.delete(`${namespace}/${name}`);
    if (objects?.size === 0) this.#objects.delete(key);
  }
}
