/**
 * Context of the controller: everything it needs to inspect and judge images with one version of the
 * configuration.
 */
import type { Judge } from '../../../judge/judge.ts';
import type { EligibleGroup, NodeGroup } from '../../../judge/nodes/group.ts';
import type { PartsChecker } from '../../../resolve/parts/parts-checker.ts';
import type { Semaphore } from '../../../util/async/semaphore.ts';
import type { Fields } from '../../../util/unstructured.ts';
import type { Inspection } from '../../../resolve/inspection/inspection.ts';
import type { Reference } from '../../../resolve/reference/reference.ts';
import type { KnownCredentials } from '../../cluster/lookups/credentials.ts';
import type { Requester } from '../../cluster/history/last-known.ts';
import type { CredentialSource } from '../../cluster/lookups/secrets.ts';

/** Nodes that a pod can be scheduled on. */
export interface EligibleNodes {
  readonly eligibleGroups: readonly EligibleGroup[];
  /** Returns true if one of the nodes has the image already (`status.images`). */
  readonly isOnNode: (reference: Reference) => boolean;
}

export type PlanCredentials = Pick<KnownCredentials, 'credentials' | 'names' | 'absent' | 'unreadable'>;

export interface ControllerSettings {
  readonly intervalMs: number;
  readonly workers: number;
  readonly compareEndpoints: boolean;
  readonly deep: boolean;
  readonly allowSecretRefs: boolean;
}

export interface ControllerContext {
  /** Number that changes with the configuration, because results of another version may differ. */
  readonly version: number;
  readonly judge: Judge;
  readonly settings: ControllerSettings;
  /** Group of the nodes in no other group. It is also used if there are no nodes at all. */
  readonly defaultGroup: NodeGroup;
  readonly partsChecker: PartsChecker;
  /** Semaphore that is held while the parts of an image are checked, so that one image at a time is. */
  readonly partsCheckTurn: Semaphore;
  /** Returns the labels of a namespace; empty if they are unknown. */
  readonly labels: (namespace: string) => Readonly<Record<string, string>>;
  /** Returns the nodes that `pod` can be scheduled on. It reads only the pod's scheduling constraints. */
  readonly eligibleNodes: (pod: Fields) => EligibleNodes;
  /** Returns the credentials of a workload. Rejects only for programming errors. */
  readonly credentials: (names: CredentialSource) => PlanCredentials | Promise<PlanCredentials>;
  /**
   * Returns the stale result that the namespace's ImageInspections have for an image without a current one,
   * or null.
   */
  readonly lastKnown: (requester: Requester, reference: Reference, now: Inspection) => Inspection | null;
}
