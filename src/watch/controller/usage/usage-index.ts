/** Which images are used in which namespace, kept up to date change by change. Whether a use matters is the policy's to say, not decided here. */
import { InvalidReference } from '../../../resolve/reference/error.ts';
import type { Reference } from '../../../resolve/reference/reference.ts';
import type { PodRecord, UsedImage } from '../../cluster/records/pod-record.ts';
import type { Change } from '../../kubernetes/informer/store.ts';
import { objectName } from '../objects/object-name.ts';
import type { Usage } from './usage.ts';

interface Entry {
  readonly namespace: string;
  readonly image: string;
  readonly reference: Reference | null;
  /** By UID. */
  readonly users: Map<string, PodRecord>;
}

export interface UsageIndexOptions {
  /** As the judge reads images: each text once. */
  readonly referenceIn: (image: string) => Reference | InvalidReference;
}

/** Keys are `namespace/name` of the ImageInspection that an image has there. */
export class UsageIndex {
  readonly #referenceIn: UsageIndexOptions['referenceIn'];
  readonly #entries = new Map<string, Entry>();

  constructor({ referenceIn }: UsageIndexOptions) {
    this.#referenceIn = referenceIn;
  }

  get size(): number {
    return this.#entries.size;
  }

  keys(): IterableIterator<string> {
    return this.#entries.keys();
  }

  /** undefined: nothing uses it any more. */
  get(key: string): Usage | undefined {
    const entry = this.#entries.get(key);
    return entry && { ...entry, users: [...entry.users.values()] };
  }

  /** Of a pod or a template; what is over uses nothing. Gives the keys of the images that it used before or uses now. */
  apply({ before, after }: Pick<Change<PodRecord>, 'before' | 'after'>): ReadonlySet<string> {
    const left = before && !before.isFinished ? this.#keysOf(before) : new Set<string>();
    const used = after ? this.#use(after) : new Set<string>();
    for (const key of left) {
      // A new object of the same name has another UID.
      if (before && (before.uid !== after?.uid || !used.has(key))) this.#leave(key, before.uid);
    }
    return new Set([...used, ...left]);
  }

  #use(user: PodRecord): ReadonlySet<string> {
    const keys = new Set<string>();
    if (user.isFinished) return keys;
    for (const image of namesIn(user.images)) {
      const reference = this.#referenceOf(image);
      const key = `${user.namespace}/${objectName(image, reference)}`;
      keys.add(key);
      const entry = this.#entries.get(key);
      if (entry) entry.users.set(user.uid, user);
      else {
        const { namespace } = user;
        this.#entries.set(key, { namespace, image, reference, users: new Map([[user.uid, user]]) });
      }
    }
    return keys;
  }

  #leave(key: string, uid: string): void {
    const entry = this.#entries.get(key);
    entry?.users.delete(uid);
    if (entry?.users.size === 0) this.#entries.delete(key);
  }

  /** Of the images that a pod or template names, whether it uses them or not. */
  #keysOf({ namespace, images }: PodRecord): ReadonlySet<string> {
    return new Set(namesIn(images).map((image) => this.keyOf(namespace, image)));
  }

  keyOf(namespace: string, image: string): string {
    return `${namespace}/${objectName(image, this.#referenceOf(image))}`;
  }

  #referenceOf(image: string): Reference | null {
    const reference = this.#referenceIn(image);
    return reference instanceof InvalidReference ? null : reference;
  }
}

function namesIn(images: readonly UsedImage[]): readonly string[] {
  return images.map(({ original }) => original).filter((image) => image !== '');
}
