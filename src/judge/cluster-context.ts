/**
 * Context of a workload that the caller of the judge provides: its namespace, its credentials, and the nodes
 * that its pods can be scheduled on.
 */
import type { Credentials } from '../resolve/credentials/credential.ts';
import type { Inspection } from '../resolve/inspection/inspection.ts';
import type { Digest } from '../resolve/reference/digest.ts';
import type { Reference } from '../resolve/reference/reference.ts';
import type { EligibleGroup } from './nodes/group.ts';
import type { Subject } from './subject.ts';
import type { ImageUse } from './workload/image-use.ts';

/** Credentials that a workload may use. */
export interface WorkloadCredentials {
  /**
   * Returns the credentials for one image. Their id covers only these credentials, so that workloads with
   * equal ones share answers.
   */
  forReference(reference: Reference): Credentials;
}

export interface PodContext {
  /** Labels of the namespace; empty if they could not be read. */
  readonly labels: Readonly<Record<string, string>>;
  readonly credentials: WorkloadCredentials;
  /** The nodes that the pod can be scheduled on, by group; empty if no node is eligible. */
  readonly eligibleGroups: readonly EligibleGroup[];
  /** Returns true if an eligible node already has this image (`status.images`). */
  isOnNode(reference: Reference): boolean;
  /** Returns the digest that earlier pods of the same owner run for this image, or null. */
  earlierDigest(use: ImageUse): Digest | null;
  /** Returns true if a pod of the pod's controller (by UID) was admitted before. */
  hasAdmittedSibling(): boolean;
  /**
   * Returns the stale answer that the cluster's ImageInspections have for an image that cannot be inspected
   * now, or null.
   */
  lastKnown(reference: Reference, now: Inspection): Inspection | null;
  /**
   * Records the pin of this pod, so that its siblings get the same digest before the pod is seen in the
   * cluster.
   */
  recordPin(use: ImageUse, digest: Digest): void;
  /**
   * Reason why a pull secret could not be read, in which case a registry's refusal proves nothing; null if
   * all were read.
   */
  readonly unreadableSecret: string | null;
  /** Names of pull secrets that the workload lists and that do not exist. */
  readonly absentSecrets: readonly string[];
  /** Warnings about the namespace and the secrets, one line each. */
  readonly warnings: readonly string[];
}

/** Context of which one part is still being read. */
export interface PendingContext {
  /** Promise of the complete context. It rejects only for programming errors. */
  readonly all: Promise<PodContext>;
  /** Returns the context without the missing part, for use at the deadline. */
  soFar(): PodContext;
}

/** Reads the context of a workload. It returns no promise if everything is in memory. */
export type ContextProvider = (subject: Subject) => PodContext | PendingContext;

/** Builds the context without a cluster, in which there are no earlier pods and no images on nodes. */
export function standalone(
  credentials: WorkloadCredentials,
  eligibleGroups: readonly EligibleGroup[],
  labels: Readonly<Record<string, string>> = {},
): PodContext {
  return { ...withoutCluster, labels, credentials, eligibleGroups };
}

const returnNull = (): null => null;
const returnFalse = (): false => false;
const withoutCluster = {
  isOnNode: returnFalse,
  earlierDigest: returnNull,
  hasAdmittedSibling: returnFalse,
  lastKnown: returnNull,
  recordPin: returnNull,
  unreadableSecret: null,
  absentSecrets: [],
  warnings: [],
} as const;
