/** What is known around a workload, gathered by the caller: its namespace, its credentials, the nodes it can land on. */
import type { Credentials } from '../resolve/credentials/credential.ts';
import type { Inspection } from '../resolve/inspection/inspection.ts';
import type { Digest } from '../resolve/reference/digest.ts';
import type { Reference } from '../resolve/reference/reference.ts';
import type { EligibleGroup } from './nodes/group.ts';
import type { Subject } from './subject.ts';
import type { ImageUse } from './workload/image-use.ts';

/** What a workload may log in with. */
export interface WorkloadCredentials {
  /** Under an id that stands only for what concerns this image, so that those who have the same share answers. */
  forReference(reference: Reference): Credentials;
}

export interface PodContext {
  /** Labels of the namespace; empty when they are not known. */
  readonly labels: Readonly<Record<string, string>>;
  readonly credentials: WorkloadCredentials;
  /** The nodes that the pod can land on, by group; empty: no node is eligible. */
  readonly eligibleGroups: readonly EligibleGroup[];
  /** Does an eligible node hold this image already (`status.images`)? */
  isOnNode(reference: Reference): boolean;
  /** The digest that earlier pods of the same owner run under this image. */
  earlierDigest(use: ImageUse): Digest | null;
  /** What the cluster's ImageInspections knew of an image for which there is no answer now: stale, or null. */
  lastKnown(reference: Reference, now: Inspection): Inspection | null;
  /** The pod is answered with this pin: its siblings, who may come before it is seen in the cluster, get the same. */
  recordPin(use: ImageUse, digest: Digest): void;
  /** Why not all that it may log in with is known: a refusal proves nothing then. null: all is known. */
  readonly unreadableSecret: string | null;
  /** Names of pull secrets that are not there, although it counts on them. */
  readonly absentSecrets: readonly string[];
  /** What a person should know of its namespace and its secrets, whatever comes of its images; a line each. */
  readonly warnings: readonly string[];
}

/** Surroundings of which something has been asked for and is not there yet. */
export interface PendingContext {
  /** Rejects for programming errors only. */
  readonly all: Promise<PodContext>;
  /** Without what is not there yet: for whoever can wait no longer. */
  soFar(): PodContext;
}

/** Looks around a workload. Where all is at hand there is nothing to wait for. */
export type ContextProvider = (subject: Subject) => PodContext | PendingContext;

/** Without a cluster: no nodes to ask and no earlier pods. */
export function standalone(
  credentials: WorkloadCredentials,
  eligibleGroups: readonly EligibleGroup[],
  labels: Readonly<Record<string, string>> = {},
): PodContext {
  return { ...nothingKnown, labels, credentials, eligibleGroups };
}

const nothing = (): null => null;
const nothingKnown = {
  isOnNode: () => false,
  earlierDigest: nothing,
  lastKnown: nothing,
  recordPin: nothing,
  unreadableSecret: null,
  absentSecrets: [],
  warnings: [],
} as const;
