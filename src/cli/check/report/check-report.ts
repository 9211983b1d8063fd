/** Result of `pratique check` before it is formatted. */
import type { CheckedWorkload } from '../checked-workload.ts';
import type { ManifestNote } from '../manifests.ts';

export interface CheckReport {
  readonly checked: readonly CheckedWorkload[];
  readonly problems: readonly ManifestNote[];
}
