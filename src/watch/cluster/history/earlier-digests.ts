/** The earlier digest of an image: what the pods of the same owner run, or ran (product.md, "Earlier digests"). Whether it is kept is `judge/pin.ts`'s. */
import { LRUCache } from 'lru-cache';
import { InvalidReference } from '../../../resolve/reference/error.ts';
import type { Digest } from '../../../resolve/reference/digest.ts';
import type { Reference } from '../../../resolve/reference/reference.ts';
import type { RememberedImages } from './remembered-images.ts';
import type { Place, SiblingPins } from './owner-pins.ts';

export interface SiblingsOptions {
  readonly pins: SiblingPins;
  readonly images: RememberedImages;
  readonly referenceIn: (image: string) => Reference | InvalidReference;
  readonly clock?: () => number;
}

interface Answered {
  readonly digest: Digest;
  readonly until: number;
}

// A ReplicaSet makes hundreds of pods within a second; the watch shows them a moment later.
const answeredMs = 30_000;
const maxAnswered = 10_000;
// Characters: before anybody has checked a pod, its names may be of any length.
const maxKey = 2_048;

export class Siblings {
  readonly #options: SiblingsOptions;
  readonly #clock: () => number;
  readonly #answered = new LRUCache<string, Answered>({ max: maxAnswered });

  constructor(options: SiblingsOptions) {
    this.#options = options;
    this.#clock = options.clock ?? (() => performance.now());
  }

  /** null: the image has no history there. */
  earlier(place: Place): Digest | null {
    const answered = this.#answered.get(keyOf(place));
    if (answered && answered.until > this.#clock()) return answered.digest;
    return this.#options.pins.get(place) ?? this.#recorded(place);
  }

  /** A pod of this owner was just answered with this digest. */
  answered(place: Place, digest: Digest): void {
    const key = keyOf(place);
    if (key.length <= maxKey) this.#answered.set(key, { digest, until: this.#clock() + answeredMs });
  }

  #recorded({ namespace, ownerUid, container, original }: Place): Digest | null {
    const reference = this.#options.referenceIn(original);
    if (reference instanceof InvalidReference) return null;
    for (const { image } of this.#options.images.about(namespace, reference)) {
      const pin = image.status?.pins.find(
        (each) => each.ownerUID === ownerUid && each.container === container,
      );
      // The schema has checked its form.
      if (pin) return pin.digest as Digest;
    }
    return null;
  }
}

function keyOf({ namespace, ownerUid, container, original }: Place): string {
  return `${namespace} ${ownerUid} ${container} ${original}`;
}
