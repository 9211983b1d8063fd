/** A pod or pod template of a manifest with its judgement. */
import type { Judgement } from '../../judge/judgement.ts';
import type { ManifestWorkload } from './manifests.ts';

export interface CheckedWorkload extends ManifestWorkload {
  readonly namespace: string;
  /** Excluded by its label. */
  readonly isSkipped: boolean;
  readonly judgement: Judgement;
}
