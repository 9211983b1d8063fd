/** What is known around a workload, gathered by the caller: its namespace, its credentials, the nodes it can land on. */
import type { Credentials } from '../resolve/credentials/credential.ts';
import type { Digest } from '../resolve/reference/digest.ts';
import type { Reference } from '../resolve/reference/reference.ts';
import type { Landing } from './nodes/group.ts';
import type { ImageUse } from './workload/image-use.ts';

export interface Surroundings {
  /** Labels of the namespace; empty when they are not known. */
  readonly labels: Readonly<Record<string, string>>;
  readonly credentials: Credentials;
  /** The nodes that the pod can land on, by group; empty: no node is eligible. */
  readonly landings: readonly Landing[];
  /** Does an eligible node hold this image already (`status.images`)? */
  present(reference: Reference): boolean;
  /** The digest that earlier pods of the same owner run under this image. */
  remembered(use: ImageUse): Digest | null;
}

/** Without a cluster: no nodes to ask and no earlier pods. */
export function standalone(
  credentials: Credentials,
  landings: readonly Landing[],
  labels: Readonly<Record<string, string>> = {},
): Surroundings {
  return { labels, credentials, landings, present: nowhere, remembered: nothing };
}

const nowhere = (): boolean => false;
const nothing = (): null => null;
