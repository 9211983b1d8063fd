/** What the controller tells whoever counts and logs. */
import type { PodRecord } from '../cluster/records/pod-record.ts';
import type { Status } from '../api/schema.ts';

/** An ImageInspection and what it is about. */
export interface Named {
  readonly namespace: string;
  readonly name: string;
  readonly image: string;
}

export interface ControllerObserver {
  /** It leads now, or does no longer. */
  leading(leads: boolean): void;
  /** All that it needs to know is known: work begins. */
  synced(images: number, ms: number): void;
  created(object: Named): void;
  removed(object: Named): void;
  /** A person's object has the name that the one of `hidden`, an image in use, is to have. */
  nameConflict(object: Named, hidden: string): void;
  resultChanged(object: Named, before: Status | null, after: Status): void;
  /** The answer of a registry is not used, and why; asked again later. */
  deferred(object: Named, why: string): void;
  /** `key`: `namespace/name`; tried again later. */
  failed(key: string, error: unknown, failures: number): void;
  podMissed(pod: PodRecord): void;
  /** How many pods opt out of being judged now. */
  optedOut(pods: number): void;
  /** How many images in use have each result now; only what changed. Of a leader that stops: null, and the other numbers go with it. */
  images(counts: ImageCounts | null): void;
  /** Keys that wait for a worker. */
  queued(depth: number): void;
}

export interface ImageCounts {
  /** Result → images; with all results that were ever there. */
  readonly results: ReadonlyMap<string, number>;
  readonly drifted: number;
}
