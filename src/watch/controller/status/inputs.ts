/** All that the status of an ImageInspection is made from. Gathering it is the controller's. */
import type { ImageVerdict } from '../../../judge/results.ts';
import type { Inspection } from '../../../resolve/inspection/inspection.ts';
import type { PartsReport } from '../../../resolve/parts/part.ts';
import type { Digest } from '../../../resolve/reference/digest.ts';
import type { InvalidReference } from '../../../resolve/reference/error.ts';
import type { Reference } from '../../../resolve/reference/reference.ts';
import type { ImageInspection } from '../../api/read.ts';
import type { PodRecord } from '../../cluster/records/pod-record.ts';
import type { CredentialSet } from '../../cluster/lookups/credential-sets.ts';

/** The image judged with one set of credentials. */
export interface AssessedSet {
  readonly credentials: CredentialSet;
  readonly verdict: ImageVerdict;
}

export interface StatusInputs {
  /** With the status that it has now: pins and transitions go on from there. */
  readonly object: ImageInspection;
  /** Of `spec.image`, or why it is none. */
  readonly reference: Reference | InvalidReference;
  /** Each set of credentials once; the worst is the object's. Empty: nobody could be asked for. */
  readonly sets: readonly AssessedSet[];
  /** Pods and templates that use the image. */
  readonly users: readonly PodRecord[];
  /** What all endpoints say, with `controller.compareEndpoints`; else null. */
  readonly compared: Inspection | null;
  /** What the parts of the image come to, with `controller.deep`. */
  readonly parts?: readonly PartsReport[];
  /** What the tag means for other groups of nodes, where they have other mirrors: no drift. */
  readonly elsewhere?: readonly Digest[];
  /** Does this owner of pods (`Owner.uid`) still exist? Those of `users` do in any case. */
  readonly ownerLives: (uid: string) => boolean;
  /** Milliseconds since the epoch. */
  readonly now: number;
}
