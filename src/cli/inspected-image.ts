/** An image of the command line with its assessment, as the output shows it. */
import type { Assessment } from '../judge/image/assessment.ts';
import type { Inspection } from '../resolve/inspection/inspection.ts';
import type { PartsReport } from '../resolve/parts/part.ts';
import type { Reference } from '../resolve/reference/reference.ts';
import type { DeepAssessment } from './deep/inspect-parts.ts';

export interface InspectedImage {
  readonly image: string;
  readonly reference: Reference | null;
  /** The worst of all groups of nodes. */
  readonly assessment: Assessment;
  readonly inspection: Inspection | null;
  /** Empty for an invalid reference. */
  readonly byGroup: readonly DeepAssessment[];
  /** The parts that belong to `inspection`; null when they were not looked for. */
  readonly parts: PartsReport | null;
  /** Parts are part of the answer. */
  readonly isDeep: boolean;
}
