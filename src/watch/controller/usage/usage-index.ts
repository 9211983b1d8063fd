/**
 * Index of the users of each image by namespace, updated with each change. The index does not apply the
 * policy.
 */
import { InvalidReference } from '../../../resolve/reference/error.ts';
import type { Reference } from '../../../resolve/reference/reference.ts';
import type { PodRecord, UsedImage } from '../../cluster/records/pod-record.ts';
import type { Change } from '../../kubernetes/informer/store.ts';
import { objectName } from '../objects/object-name.ts';
import type { Usage } from './usage.ts';

interface UsageEntry {
  readonly namespace: string;
  readonly image: string;
  readonly reference: Reference | null;
  /** Users by UID. */
  readonly users: Map<string, PodRecord>;
}

export interface UsageIndexOptions {
  /** Parses an image; the same text is parsed once. */
  readonly referenceIn: (image: string) => Reference | InvalidReference;
}

/** Index of users. Keys are `namespace/name` of the ImageInspection that an image has. */
export class UsageIndex {
  readonly #referenceIn: UsageIndexOptions['referenceIn'];
  readonly #entries = new Map<string, UsageEntry>();

  constructor({ referenceIn }: UsageIndexOptions) {
    this.#referenceIn = referenceIn;
  }

  get size(): number {
    return this.#entries.size;
  }

  keys(): IterableIterator<string> {
    return this.#entries.keys();
  }

  /** Returns the usage of a key; undefined if the image has no users. */
  get(key: string): Usage | undefined {
    const entry = this.#entries.get(key);
    return entry && { ...entry, users: [...entry.users.values()] };
  }

  /**
   * Applies a change of a pod or template; a finished one uses no image. Returns the keys of the images that
   * it used before or uses now.
   */
  apply({ before, after }: Pick<Change<PodRecord>, 'before' | 'after'>): ReadonlySet<string> {
    const left = before && !before.isFinished ? this.#imageKeys(before) : new Set<string>();
    const used = after ? this.#addUser(after) : new Set<string>();
    for (const key of left) {
      // A recreated object of the same name has another UID.
      if (before && (before.uid !== after?.uid || !used.has(key))) this.#removeUser(key, before.uid);
    }
    return new Set([...used, ...left]);
  }

  #addUser(user: PodRecord): ReadonlySet<string> {
    const keys = new Set<string>();
    if (user.isFinished) return keys;
    for (const image of imageNames(user.images)) {
      const reference = this.#parse(image);
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

  #removeUser(key: string, uid: string): void {
    const entry = this.#entries.get(key);
    entry?.users.delete(uid);
    if (entry?.users.size === 0) this.#entries.delete(key);
  }

  /** Returns the keys of all images that a pod or template names. */
  #imageKeys({ namespace, images }: PodRecord): ReadonlySet<string> {
    return new Set(imageNames(images).map((image) => this.imageKey(namespace, image)));
  }

  imageKey(namespace: string, image: string): string {
    return `${namespace}/${objectName(image, this.#parse(image))}`;
  }

  #parse(image: string): Reference | null {
    const reference = this.#referenceIn(image);
    return reference instanceof InvalidReference ? null : reference;
  }
}

function imageNames(images: readonly UsedImage[]): readonly string[] {
  return images.map(({ original }) => original).filter((image) => image !== '');
}
