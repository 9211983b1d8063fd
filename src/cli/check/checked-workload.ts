/** The results of `pratique check`, from which the reports are written. */
import type { Judgement } from '../../judge/judgement.ts';
import type { ManifestNote, ManifestWorkload } from './manifests.ts';

/** One pod or pod template with its judgement. */
export interface CheckedWorkload extends ManifestWorkload {
  readonly namespace: string;
  /** Excluded by its label. */
  readonly isSkipped: boolean;
  readonly judgement: Judgement;
}

export interface CheckReport {
  readonly checked: readonly CheckedWorkload[];
  readonly problems: readonly ManifestNote[];
}
