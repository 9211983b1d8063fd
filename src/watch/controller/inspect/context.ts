/** Everything the controller needs to inspect and judge images with one version of the configuration. */
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

/** The nodes that a pod can be scheduled on. */
export interface EligibleNodes {
  readonly eligibleGroups: readonly EligibleGroup[];
  /** Returns whether one of them has the image already (`status.images`). */
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
  /** Changes with the configuration: results of another version may differ. */
  readonly version: number;
  readonly judge: Judge;
  readonly settings: ControllerSettings;
  /** Group of the nodes in no other group; used where there are no nodes at all. */
  readonly defaultGroup: NodeGroup;
  readonly partsChecker: PartsChecker;
  /** Held while the parts of an image are checked, so that one image at a time is. */
  readonly partsCheckTurn: Semaphore;
  /** Returns the labels of a namespace; empty if they are unknown. */
  readonly labels: (namespace: string) => Readonly<Record<string, string>>;
  /** Returns the nodes that `pod` can be scheduled on; only its scheduling constraints are read. */
  readonly eligibleNodes: (pod: Fields) => EligibleNodes;
  /** Rejects only for programming errors. */
  readonly credentials: (names: CredentialSource) => PlanCredentials | Promise<PlanCredentials>;
  /** Returns the stale result that the namespace's ImageInspections have for an image without a current one, or null. */
  readonly lastKnown: (asking: Requester, reference: Reference, now: Inspection) => Inspection | null;
}
