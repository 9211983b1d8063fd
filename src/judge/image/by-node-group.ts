/** Combination of an image's assessments for several node groups, of which the worst counts. */
import type { Inspection } from '../../resolve/inspection/inspection.ts';
import { messages } from '../messages/reasons.ts';
import type { Fit } from '../nodes/fit.ts';
import { groupWords, type NodeGroup } from '../nodes/group.ts';
import { worseResult } from '../results.ts';
import type { Assessment } from './assessment.ts';

/** Assessment of an image for the nodes of one group. */
export interface GroupAssessment {
  readonly group: NodeGroup;
  /** null if no registry was queried. */
  readonly inspection: Inspection | null;
  readonly assessment: Assessment;
}

type Combined = Pick<GroupAssessment, 'inspection' | 'assessment'>;

/**
 * Returns the worst assessment, with the names of its groups and the platforms of all groups. `groups` must
 * not be empty.
 */
export function worstOf(groups: readonly GroupAssessment[]): Combined {
  const refusing = groups.filter(isRefusedByNodes);
  if (refusing.length > 0 && refusing.length < groups.length) return withRefusals(groups, refusing);
  const worst = groups.map(({ assessment }) => assessment.result).reduce(worseResult);
  const alike = groups.filter(({ assessment }) => assessment.result === worst);
  const shown = alike.find(({ assessment }) => assessment.message !== '') ?? alike[0];
  if (!shown) throw new Error('an image was judged for no nodes');
  const { inspection, assessment } = shown;
  if (groups.length === 1 && shown.group.name === null) return { inspection, assessment };
  const all = groups.map((each) => each.assessment);
  const lacking = all.flatMap((each) => each.lacking);
  const among = all.flatMap((each) => each.among);
  const elsewhere = alike.length < groups.length;
  const message =
    inspection && worst === 'platform-missing'
      ? messages.platformMissing(inspection, { lacking, among, elsewhere })
      : assessment.message;
  const where = message === '' ? '' : groupWords(alike.map(({ group }) => group));
  const notes = [...new Set(alike.flatMap((each) => each.assessment.notes))];
  return {
    inspection,
    assessment: { ...assessment, lacking, among, fit: fitOf(all), message, where, notes },
  };
}

/**
 * Combines assessments of which only some are rejections by a runtime: the other assessments decide, and a
 * note names the groups that reject.
 */
function withRefusals(groups: readonly GroupAssessment[], refusing: readonly GroupAssessment[]): Combined {
  const { inspection, assessment } = worstOf(groups.filter((each) => !refusing.includes(each)));
  const where = groupWords(refusing.map(({ group }) => group));
  const note = messages.someNodesRefuse(where, refusing[0]?.assessment.message ?? '');
  return { inspection, assessment: { ...assessment, notes: [...assessment.notes, note] } };
}

function isRefusedByNodes({ assessment: { result, reason } }: GroupAssessment): boolean {
  return result === 'unavailable' && reason === 'NodesRefuse';
}

/**
 * Returns the combined fit. A group whose nodes all run the image, or for which that is unknown, makes it
 * `some`.
 */
function fitOf(assessments: readonly Assessment[]): Fit {
  const fits = new Set(assessments.map(({ fit }) => fit));
  const [fit = 'all'] = fits;
  return fits.size === 1 ? fit : 'some';
}
