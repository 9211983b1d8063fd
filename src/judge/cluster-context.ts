/** What is known around a workload, gathered by the caller: its namespace, its credentials, the nodes it can land on. */
import type { Credentials } from '../resolve/credentials/credential.ts';
import type { Inspection } from '../resolve/inspection/inspection.ts';
import type { Digest } from '../resolve/reference/digest.ts';
import type { Reference } from '../resolve/reference/reference.ts';
import type { Landing } from './nodes/group.ts';
import type { Subject } from './subject.ts';
import type { ImageUse } from './workload/image-use.ts';

/** What a workload may log in with. */
export interface WorkloadCredentials {
  /** Under an id that stands only for what concerns this image, so that those who have the same share answers. */
  forReference(reference: Reference): Credentials;
}

export interface Surroundings {
  /** Labels of the namespace; empty when they are not known. */
  readonly labels: Readonly<Record<string, string>>;
  readonly credentials: WorkloadCredentials;
  /** The nodes that the pod can land on, by group; empty: no node is eligible. */
  readonly landings: readonly Landing[];
  /** Does an eligible node hold this image already (`status.images`)? */
  present(reference: Reference): boolean;
  /** The digest that earlier pods of the same owner run under this image. */
  remembered(use: ImageUse): Digest | null;
  /** What the cluster's ImageInspections knew of an image for which there is no answer now: stale, or null. */
  recalled(reference: Reference, now: Inspection): Inspection | null;
  /** The pod is answered with this pin: its siblings, who may come before it is seen in the cluster, get the same. */
  pinned(use: ImageUse, digest: Digest): void;
  /** Why not all that it may log in with is known: a refusal proves nothing then. null: all is known. */
  readonly unread: string | null;
  /** Names of pull secrets that are not there, although it counts on them. */
  readonly absentSecrets: readonly string[];
  /** What a person should know of its namespace and its secrets, whatever comes of its images; a line each. */
  readonly warnings: readonly string[];
}

/** Surroundings of which something has been asked for and is not there yet. */
export interface Looking {
  /** Rejects for programming errors only. */
  readonly all: Promise<Surroundings>;
  /** Without what is not there yet: for whoever can wait no longer. */
  soFar(): Surroundings;
}

/** Looks around a workload. Where all is at hand there is nothing to wait for. */
export type LookAround = (subject: Subject) => Surroundings | Looking;

/** Without a cluster: no nodes to ask and no earlier pods. */
export function standalone(
  credentials: WorkloadCredentials,
  landings: readonly Landing[],
  labels: Readonly<Record<string, string>> = {},
): Surroundings {
  return { ...nothingKnown, labels, credentials, landings };
}

const nothing = (): null => null;
const nothingKnown = {
  present: () => false,
  remembered: nothing,
  recalled: nothing,
  pinned: nothing,
  unread: null,
  absentSecrets: [],
  warnings: [],
} as const;
