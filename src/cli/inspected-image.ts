/** The result of `pratique inspect` for one image. */
import type { Assessment } from '../judge/image/assessment.ts';
import type { Inspection } from '../resolve/inspection/inspection.ts';
import type { PartsReport } from '../resolve/parts/part.ts';
import type { Reference } from '../resolve/reference/reference.ts';
import type { DeepAssessment } from './deep/inspect-parts.ts';

/** An image of the command line with its assessment. */
export interface InspectedImage {
  readonly image: string;
  readonly reference: Reference | null;
  /** The worst of all node groups. */
  readonly assessment: Assessment;
  readonly inspection: Inspection | null;
  /** Empty for an invalid reference. */
  readonly groups: readonly DeepAssessment[];
  /** The parts that belong to `inspection`; null if they were not looked for. */
  readonly parts: PartsReport | null;
  /** The parts belong to the output. */
  readonly isDeep: boolean;
}
