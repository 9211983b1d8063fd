/**
 * Digests that existing pods are pinned to, by owner, container and original image. The index is updated with
 * each change.
 */
import { type Digest, isDigest } from '../../../resolve/reference/digest.ts';
import { type StoreView, trackStore } from '../../kubernetes/informer/store.ts';
import type { PodRecord } from '../records/pod-record.ts';
import { taggedPart } from '../records/used-images.ts';

/** Container of all pods of one owner, with the image that it named. */
export interface OwnerContainer {
  readonly namespace: string;
  /** UID in the form of `Owner.uid`. */
  readonly ownerUid: string;
  /** Container name, or `volume:NAME`. */
  readonly container: string;
  /** Image before it was pinned. */
  readonly original: string;
}

interface PinnedContainer extends OwnerContainer {
  readonly digest: Digest;
}

type DigestCounts = Map<Digest, number>;

export class OwnerPins {
  /**
   * Maps a key of namespace and owner to keys of container and image, and these to digests with their number
   * of pods.
   */
  readonly #owners = new Map<string, Map<string, DigestCounts>>();

  constructor(pods: Pick<StoreView<PodRecord>, 'values' | 'subscribe'>) {
    trackStore(pods, (original, after) => {
      for (const pinned of original ? pinnedContainers(original) : []) this.#count(pinned, -1);
      for (const pinned of after ? pinnedContainers(after) : []) this.#count(pinned, 1);
    });
  }

  /** Number of owners with pinned pods. */
  get size(): number {
    return this.#owners.size;
  }

  /**
   * Returns the digest that most pods have, and the smaller one if the counts are equal, so that all replicas
   * agree. A single pod that a user created with another workload's owner reference does not decide.
   */
  get(container: OwnerContainer): Digest | null {
    const counts = this.#owners.get(ownerKey(container))?.get(containerKey(container)) ?? [];
    let best: Digest | null = null;
    let most = 0;
    for (const [digest, count] of counts) {
      if (count > most || (count === most && best !== null && digest < best)) [best, most] = [digest, count];
    }
    return best;
  }

  #count(pinned: PinnedContainer, change: 1 | -1): void {
    const key = ownerKey(pinned);
    const images = this.#owners.get(key) ?? new Map<string, DigestCounts>();
    const counts: DigestCounts = images.get(containerKey(pinned)) ?? new Map<Digest, number>();
    const count = (counts.get(pinned.digest) ?? 0) + change;
    if (count > 0) counts.set(pinned.digest, count);
    else counts.delete(pinned.digest);
    if (counts.size > 0) images.set(containerKey(pinned), counts);
    else images.delete(containerKey(pinned));
    if (images.size > 0) this.#owners.set(key, images);
    else this.#owners.delete(key);
  }
}

/**
 * Returns the pinned containers. Finished pods count, because the next try of a Job must run the same image.
 */
export function pinnedContainers({ namespace, owner, images }: PodRecord): readonly PinnedContainer[] {
  if (!owner) return [];
  return images.flatMap(({ container, image, original }) => {
    // Without an original either the annotation was lost, or a user pinned the image. In the second case no
    // pod requests the image by its tag, so the entry has no effect.
    const before = original === image ? taggedPart(image) : original;
    const digest = image.slice(image.lastIndexOf('@') + 1);
    if (before === null || !isDigest(digest)) return [];
    return [{ namespace, ownerUid: owner.uid, container, original: before, digest }];
  });
}

function ownerKey({ namespace, ownerUid }: OwnerContainer): string {
  return `${namespace} ${ownerUid}`;
}

function containerKey({ container, original }: OwnerContainer): string {
  return `${container} ${original}`;
}
