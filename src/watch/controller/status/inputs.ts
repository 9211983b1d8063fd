/** Inputs of the status of an ImageInspection. */
import type { ImageVerdict } from '../../../judge/results.ts';
import type { Inspection } from '../../../resolve/inspection/inspection.ts';
import type { PartsReport } from '../../../resolve/parts/part.ts';
import type { Digest } from '../../../resolve/reference/digest.ts';
import type { InvalidReference } from '../../../resolve/reference/error.ts';
import type { Reference } from '../../../resolve/reference/reference.ts';
import type { ImageInspection } from '../../api/parse-inspection.ts';
import type { PodRecord, UsedImage } from '../../cluster/records/pod-record.ts';
import type { CredentialSet } from '../../cluster/lookups/credential-sets.ts';

/** Whether two digests are the same image for the nodes of its pods. */
export type ContentRelation = 'same' | 'different' | 'unknown';

/** The image judged with one credential set. */
export interface AssessedSet {
  readonly credentials: CredentialSet;
  readonly verdict: ImageVerdict;
}

export interface StatusInputs {
  /** The object with its current status, which has the earlier pins and transition times. */
  readonly object: ImageInspection;
  /** Parsed `spec.image`, or why it is invalid. */
  readonly reference: Reference | InvalidReference;
  /** Each credential set once. Empty if there was nothing to inspect. */
  readonly sets: readonly AssessedSet[];
  /** Pods and templates that use the image. */
  readonly users: readonly PodRecord[];
  /** Results of all endpoints, with `controller.compareEndpoints`; otherwise null. */
  readonly comparison: Inspection | null;
  /** Results for the parts of the image, one for each mirror list, with `controller.deep`. */
  readonly parts?: readonly PartsReport[];
  /** Digests that the tag has for other node groups, which have other mirrors: they are not drift. */
  readonly otherGroupDigests?: readonly Digest[];
  /** Comparison of digests that pods run with what the tag names now, where they differ. */
  readonly contentRelations?: ReadonlyMap<Digest, ContentRelation>;
  /** Returns whether a pod has the image by its tag although the policy pins it; false if absent. */
  readonly isUnpinned?: (pod: PodRecord, use: UsedImage) => boolean;
  /** Returns whether this owner of pods (`Owner.uid`) still exists; the owners of `users` always do. */
  readonly ownerExists: (uid: string) => boolean;
  /** Milliseconds since the epoch. */
  readonly now: number;
}
