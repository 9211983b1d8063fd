/** Callbacks of the controller for logs and metrics. */
import type { PodRecord } from '../cluster/records/pod-record.ts';
import type { Status } from '../api/schema.ts';

/** ImageInspection and its image. */
export interface ObjectAndImage {
  readonly namespace: string;
  readonly name: string;
  readonly image: string;
}

export interface ControllerObserver {
  /** Called when this replica becomes the leader or stops leading. */
  leadingChanged(isLeader: boolean): void;
  /** Called when all caches are synced and work begins. */
  synced(images: number, durationMs: number): void;
  created(object: ObjectAndImage): void;
  removed(object: ObjectAndImage): void;
  /** Called when a user-created object has the name reserved for `shadowedImage`, an image in use. */
  nameConflict(object: ObjectAndImage, shadowedImage: string): void;
  resultChanged(object: ObjectAndImage, before: Status | null, after: Status): void;
  /** Called when results were not used; the inspection is repeated later. */
  deferred(object: ObjectAndImage, reason: string): void;
  /** Called when a reconciliation of `key` (`namespace/name`) failed; it is retried with backoff. */
  reconcileFailed(key: string, error: unknown, failures: number): void;
  admissionMissed(pod: PodRecord): void;
  /** Called with the number of running pods excluded by their label. */
  podsSkipped(pods: number): void;
  /** Called with the number of pods that have an image by its tag although the policy pins it. */
  podsUnpinned(pods: number): void;
  /**
   * Called after each change with the number of images in use by result. It is null when this replica stops
   * leading, which also clears the other numbers.
   */
  images(counts: ImageCounts | null): void;
  /** Called with the number of keys waiting for a worker. */
  queueDepthChanged(depth: number): void;
}

export interface ImageCounts {
  /** Maps a result to its number of images; it contains every result that ever occurred. */
  readonly results: ReadonlyMap<string, number>;
  readonly drifted: number;
}
