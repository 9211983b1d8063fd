/**
 * Earlier digest of an image, to which the pods of the same owner were pinned. The judge decides whether to
 * use it.
 */
import { LRUCache } from 'lru-cache';
import { InvalidReference } from '../../../resolve/reference/error.ts';
import type { Digest } from '../../../resolve/reference/digest.ts';
import type { Reference } from '../../../resolve/reference/reference.ts';
import type { InspectionIndex } from './inspection-index.ts';
import type { OwnerContainer, OwnerPins } from './owner-pins.ts';

export interface EarlierDigestsOptions {
  readonly pins: OwnerPins;
  readonly inspectionIndex: InspectionIndex;
  readonly referenceIn: (image: string) => Reference | InvalidReference;
  readonly clock?: () => number;
}

interface RecentPin {
  readonly digest: Digest;
  readonly until: number;
}

// Limits of recent digests: a ReplicaSet may create hundreds of pods in a second, before the watch shows the
// first one.
const recentMs = 30_000;
const maxRecent = 10_000;
// Limit of a key in characters: admission sees names of any length before the API server validates them.
const maxKeyLength = 2_048;

export class EarlierDigests {
  readonly #options: EarlierDigestsOptions;
  readonly #clock: () => number;
  readonly #recent = new LRUCache<string, RecentPin>({ max: maxRecent });

  constructor(options: EarlierDigestsOptions) {
    this.#options = options;
    this.#clock = options.clock ?? (() => performance.now());
  }

  /** Returns the earlier digest of a container; null if none is known. */
  get(container: OwnerContainer): Digest | null {
    const recent = this.#recent.get(ownerContainerKey(container));
    if (recent && recent.until > this.#clock()) return recent.digest;
    return this.#options.pins.get(container) ?? this.#fromInspections(container);
  }

  /** Records the digest that admission has just given to a pod of this owner. */
  record(container: OwnerContainer, digest: Digest): void {
    const key = ownerContainerKey(container);
    if (key.length <= maxKeyLength) this.#recent.set(key, { digest, until: this.#clock() + recentMs });
  }

  #fromInspections({ namespace, ownerUid, container, original }: OwnerContainer): Digest | null {
    const reference = this.#options.referenceIn(original);
    if (reference instanceof InvalidReference) return null;
    for (const { object } of this.#options.inspectionIndex.forImage(namespace, reference)) {
      const pin = object.status?.pins.find(
        (each) => each.ownerUID === ownerUid && each.container === container,
      );
      // The schema of the ImageInspection has validated the digest.
      if (pin) return pin.digest as Digest;
    }
    return null;
  }
}

function ownerContainerKey({ namespace, ownerUid, container, original }: OwnerContainer): string {
  return `${namespace} ${ownerUid} ${container} ${original}`;
}
