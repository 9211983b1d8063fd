/** Image of the command line with its assessment, as the output shows it. */
import type { Assessment } from '../judge/image/assessment.ts';
import type { Inspection } from '../resolve/inspection/inspection.ts';
import type { PartsReport } from '../resolve/parts/part.ts';
import type { Reference } from '../resolve/reference/reference.ts';
import type { DeepAssessment } from './deep/inspect-parts.ts';

export interface InspectedImage {
  readonly image: string;
  readonly reference: Reference | null;
  /** The worst assessment of all node groups. */
  readonly assessment: Assessment;
  readonly inspection: Inspection | null;
  /** The assessments by node group; empty for an invalid reference. */
  readonly byGroup: readonly DeepAssessment[];
  /** The parts that belong to `inspection`; null if they were not checked. */
  readonly parts: PartsReport | null;
  /** True if the answer includes parts (`--deep`). */
  readonly isDeep: boolean;
}
