/** Callbacks of the controller for logs and metrics. */
import type { PodRecord } from '../cluster/records/pod-record.ts';
import type { Status } from '../api/schema.ts';

/** An ImageInspection and its image. */
export interface ObjectAndImage {
  readonly namespace: string;
  readonly name: string;
  readonly image: string;
}

export interface ControllerObserver {
  /** This replica became the leader, or stopped leading. */
  leadingChanged(isLeader: boolean): void;
  /** All caches are synced and work begins. */
  synced(images: number, durationMs: number): void;
  created(object: ObjectAndImage): void;
  removed(object: ObjectAndImage): void;
  /** A user-created object has the name reserved for `shadowedImage`, an image in use. */
  nameConflict(object: ObjectAndImage, shadowedImage: string): void;
  resultChanged(object: ObjectAndImage, before: Status | null, after: Status): void;
  /** Results were not used; the inspection is repeated later. */
  deferred(object: ObjectAndImage, reason: string): void;
  /** A reconciliation of `key` (`namespace/name`) failed and is retried with backoff. */
  reconcileFailed(key: string, error: unknown, failures: number): void;
  admissionMissed(pod: PodRecord): void;
  /** Number of running pods excluded by their label. */
  podsSkipped(pods: number): void;
  /** Number of pods with an image by tag although the policy pins it. */
  podsUnpinned(pods: number): void;
  /** Number of images in use by result, after each change; null when this replica stops leading, which also clears the other numbers. */
  images(counts: ImageCounts | null): void;
  /** Number of keys waiting for a worker. */
  queueDepthChanged(depth: number): void;
}

export interface ImageCounts {
  /** Result → number of images; contains every result that ever occurred. */
  readonly results: ReadonlyMap<string, number>;
  readonly drifted: number;
}
