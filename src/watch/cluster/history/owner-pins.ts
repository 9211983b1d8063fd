/** What the pods that are there are pinned to, by owner, container and original image, change by change. */
import { type Digest, isDigest } from '../../../resolve/reference/digest.ts';
import { type StoreView, trackStore } from '../../kubernetes/informer/store.ts';
import type { PodRecord } from '../records/pod-record.ts';
import { taggedPart } from '../records/used-images.ts';

/** A place that the pods of one owner have in common. */
export interface Place {
  readonly namespace: string;
  /** `Owner.uid` */
  readonly ownerUid: string;
  /** Or `volume:NAME`. */
  readonly container: string;
  /** As it was before it was pinned. */
  readonly original: string;
}

interface Pinned extends Place {
  readonly digest: Digest;
}

type Counts = Map<Digest, number>;

export class SiblingPins {
  /** Namespace and owner → container and image → digest → pods. */
  readonly #owners = new Map<string, Map<string, Counts>>();

  constructor(pods: Pick<StoreView<PodRecord>, 'values' | 'subscribe'>) {
    trackStore(pods, (before, after) => {
      for (const pinned of before ? pinsIn(before) : []) this.#count(pinned, -1);
      for (const pinned of after ? pinsIn(after) : []) this.#count(pinned, 1);
    });
  }

  /** How many owners have pinned pods. */
  get size(): number {
    return this.#owners.size;
  }

  /**
   * The digest that most of them carry, and of equals the lesser one: every replica says the same. A single pod that
   * somebody made for another's owner does not decide.
   */
  get(place: Place): Digest | null {
    const counts = this.#owners.get(ownerKey(place))?.get(imageKey(place)) ?? [];
    let best: Digest | null = null;
    let most = 0;
    for (const [digest, count] of counts) {
      if (count > most || (count === most && best !== null && digest < best)) [best, most] = [digest, count];
    }
    return best;
  }

  #count(pinned: Pinned, change: 1 | -1): void {
    const key = ownerKey(pinned);
    const images = this.#owners.get(key) ?? new Map<string, Counts>();
    const counts: Counts = images.get(imageKey(pinned)) ?? new Map<Digest, number>();
    const count = (counts.get(pinned.digest) ?? 0) + change;
    if (count > 0) counts.set(pinned.digest, count);
    else counts.delete(pinned.digest);
    if (counts.size > 0) images.set(imageKey(pinned), counts);
    else images.delete(imageKey(pinned));
    if (images.size > 0) this.#owners.set(key, images);
    else this.#owners.delete(key);
  }
}

/** Those that are over as well: a Job's next try is to run what the one before ran. */
export function pinsIn({ namespace, owner, images }: PodRecord): readonly Pinned[] {
  if (!owner) return [];
  return images.flatMap(({ container, image, original }) => {
    // Where our annotation was lost, or somebody pinned it himself: the latter is never asked for by its tag.
    const before = original === image ? taggedPart(image) : original;
    const digest = image.slice(image.lastIndexOf('@') + 1);
    if (before === null || !isDigest(digest)) return [];
    return [{ namespace, ownerUid: owner.uid, container, original: before, digest }];
  });
}

function ownerKey({ namespace, ownerUid }: Place): string {
  return `${namespace} ${ownerUid}`;
}

function imageKey({ container, original }: Place): string {
  return `${container} ${original}`;
}
