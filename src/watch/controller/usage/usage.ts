/** Who uses an image in a namespace: what an ImageInspection is about. Which image is used where, `usage-index.ts` knows. */
import type { Reference } from '../../../resolve/reference/reference.ts';
import type { PodRecord } from '../../cluster/records/pod-record.ts';

/** An image by what it was before it was pinned, in one namespace. */
export interface Usage {
  readonly namespace: string;
  /** As somebody wrote it. */
  readonly image: string;
  /** null: it cannot be parsed; its object says so. */
  readonly reference: Reference | null;
  /** Pods that are not over, and templates of workloads. */
  readonly users: readonly PodRecord[];
}
