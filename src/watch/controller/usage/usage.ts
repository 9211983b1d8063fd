/** Users of an image in a namespace. */
import type { Reference } from '../../../resolve/reference/reference.ts';
import type { PodRecord } from '../../cluster/records/pod-record.ts';

/** An image, as it was before it was pinned, in one namespace. */
export interface Usage {
  readonly namespace: string;
  /** The image as the user wrote it. */
  readonly image: string;
  /** null if it is invalid; its object reports that. */
  readonly reference: Reference | null;
  /** Unfinished pods, and templates of workloads. */
  readonly users: readonly PodRecord[];
}
