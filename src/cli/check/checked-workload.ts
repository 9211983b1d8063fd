/** Pod or pod template of a manifest with its judgement. */
import type { Judgement } from '../../judge/judgement.ts';
import type { ManifestWorkload } from './manifests.ts';

export interface CheckedWorkload extends ManifestWorkload {
  readonly namespace: string;
  /** True if its label excludes it from checks. */
  readonly isSkipped: boolean;
  readonly judgement: Judgement;
}
