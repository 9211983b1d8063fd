/** Controllers, by UID, that had a pod admitted before: one that is in the cluster, or one whose pin an ImageInspection records. */
import { InvalidReference } from '../../../resolve/reference/error.ts';
import type { Reference } from '../../../resolve/reference/reference.ts';
import { type StoreView, trackStore } from '../../kubernetes/informer/store.ts';
import { uidWithoutRevision } from '../records/pod-owner.ts';
import type { PodRecord } from '../records/pod-record.ts';
import type { InspectionIndex } from './inspection-index.ts';

export interface AdmittedOwnersOptions {
  readonly pods: Pick<StoreView<PodRecord>, 'values' | 'subscribe'>;
  readonly inspectionIndex: InspectionIndex;
  readonly referenceIn: (image: string) => Reference | InvalidReference;
}

export class AdmittedOwners {
  readonly #inspectionIndex: InspectionIndex;
  readonly #referenceIn: AdmittedOwnersOptions['referenceIn'];
  /** Namespace and UID of the controller → number of its pods. */
  readonly #pods = new Map<string, number>();

  constructor({ pods, inspectionIndex, referenceIn }: AdmittedOwnersOptions) {
    this.#inspectionIndex = inspectionIndex;
    this.#referenceIn = referenceIn;
    trackStore(pods, (before, after) => {
      if (before) this.#count(before, -1);
      if (after) this.#count(after, 1);
    });
  }

  /** `images`: the images of a pod of this controller, as written. */
  has(namespace: string, uid: string, images: Iterable<string>): boolean {
    if (this.#pods.has(ownerKey(namespace, uid))) return true;
    for (const image of new Set(images)) if (this.#isPinned(namespace, uid, image)) return true;
    return false;
  }

  #isPinned(namespace: string, uid: string, image: string): boolean {
    const reference = this.#referenceIn(image);
    if (reference instanceof InvalidReference) return false;
    for (const { object } of this.#inspectionIndex.forImage(namespace, reference)) {
      const pins = object.status?.pins ?? [];
      if (pins.some(({ ownerUID }) => uidWithoutRevision({ uid: ownerUID }) === uid)) return true;
    }
    return false;
  }

  #count({ namespace, controller }: PodRecord, change: 1 | -1): void {
    if (!controller) return;
    const key = ownerKey(namespace, controller.uid);
    const pods = (this.#pods.get(key) ?? 0) + change;
    if (pods > 0) this.#pods.set(key, pods);
    else this.#pods.delete(key);
  }
}

function ownerKey(namespace: string, uid: string): string {
  return `${namespace} ${uid}`;
}
