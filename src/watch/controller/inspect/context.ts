/** What the controller asks and judges by: of one version of the configuration, put together by whoever owns that. */
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

/** The nodes that a pod may land on. */
export interface NodeReach {
  readonly eligibleGroups: readonly EligibleGroup[];
  /** Does one of them hold the image already (`status.images`)? */
  readonly isOnNode: (reference: Reference) => boolean;
}

export type FoundCredentials = Pick<KnownCredentials, 'credentials' | 'names' | 'absent' | 'unreadable'>;

export interface ControllerSettings {
  readonly intervalMs: number;
  readonly workers: number;
  readonly compareEndpoints: boolean;
  readonly deep: boolean;
  readonly allowSecretRefs: boolean;
}

export interface ControllerContext {
  /** Another one: what was judged before may be judged otherwise now. */
  readonly version: number;
  readonly judge: Judge;
  readonly settings: ControllerSettings;
  /** The nodes of no group: asked where there are no nodes at all. */
  readonly rest: NodeGroup;
  readonly partsChecker: PartsChecker;
  /** One image at a time has its parts looked for. */
  readonly partsTurn: Semaphore;
  /** Labels of a namespace; none where they are not known. */
  readonly labels: (namespace: string) => Readonly<Record<string, string>>;
  /** `pod`: as much of it as decides where it may land (`spec`). */
  readonly reach: (pod: Fields) => NodeReach;
  /** Never rejects but for a programming error. */
  readonly credentials: (names: CredentialSource) => FoundCredentials | Promise<FoundCredentials>;
  /** What the objects of the namespace knew of an image for which there is no answer now: stale, or null. */
  readonly recalled: (asking: Requester, reference: Reference, now: Inspection) => Inspection | null;
}
