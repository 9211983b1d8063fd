/** Users of an image in a namespace. */
import type { Reference } from '../../../resolve/reference/reference.ts';
import type { PodRecord } from '../../cluster/records/pod-record.ts';

/** Image in one namespace, as it was before it was pinned. */
export interface Usage {
  readonly namespace: string;
  /** Image as the user wrote it. */
  readonly image: string;
  /** null if it is invalid; its object reports that. */
  readonly reference: Reference | null;
  /** Unfinished pods, and templates of workloads. */
  readonly users: readonly PodRecord[];
}
