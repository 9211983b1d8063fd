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

/** Relation of two digests, which says whether they are the same image for the nodes of its pods. */
export type ContentRelation = 'same' | 'different' | 'unknown';

/** Verdict on the image with one credential set. */
export interface AssessedSet {
  readonly credentials: CredentialSet;
  readonly verdict: ImageVerdict;
}

export interface StatusInputs {
  /** Object with its current status, which has the earlier pins and transition times. */
  readonly object: ImageInspection;
  /** Parsed `spec.image`, or the reason why it is invalid. */
  readonly reference: Reference | InvalidReference;
  /** Results with each credential set; empty if there was nothing to inspect. */
  readonly sets: readonly AssessedSet[];
  /** Pods and templates that use the image. */
  readonly users: readonly PodRecord[];
  /** Results of all endpoints, with `controller.compareEndpoints`; otherwise null. */
  readonly comparison: Inspection | null;
  /** Results for the parts of the image, one for each mirror list, with `controller.deep`. */
  readonly parts?: readonly PartsReport[];
  /** Digests that the tag has for node groups with other mirrors. They are not drift. */
  readonly otherGroupDigests?: readonly Digest[];
  /** Relations of digests that pods run to the image that the tag names now, where the digests differ. */
  readonly contentRelations?: ReadonlyMap<Digest, ContentRelation>;
  /**
   * Returns true if a pod has the image by its tag although the policy pins it. If the function is absent, no
   * pod does.
   */
  readonly isUnpinned?: (pod: PodRecord, use: UsedImage) => boolean;
  /** Returns true if this owner of pods (`Owner.uid`) still exists; the owners of `users` always do. */
  readonly ownerExists: (uid: string) => boolean;
  /** Current time in milliseconds since the epoch. */
  readonly now: number;
}
