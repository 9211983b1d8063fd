/** What was found for each group of nodes that a pod can land on, put together: the worst counts. */
import type { Inspection } from '../../resolve/inspection/inspection.ts';
import type { Assessment } from './assessment.ts';
import { messages } from '../messages/reasons.ts';
import type { Fit } from '../nodes/fit.ts';
import { groupWords, type NodeGroup } from '../nodes/group.ts';
import { worseResult } from '../results.ts';

/** An image as the nodes of one group would get it. */
export interface GroupAssessment {
  readonly group: NodeGroup;
  /** null when nobody was asked. */
  readonly inspection: Inspection | null;
  readonly finding: Assessment;
}

/** The worst of them, told apart by its groups and with the platforms of all. `locals` must not be empty. */
export function worstOf(locals: readonly GroupAssessment[]): Pick<GroupAssessment, 'inspection' | 'finding'> {
  const worst = locals.map(({ finding }) => finding.result).reduce(worseResult);
  const alike = locals.filter(({ finding }) => finding.result === worst);
  // Of several that are available, one that has something to tell.
  const told = alike.find(({ finding }) => finding.notable) ?? alike[0];
  if (!told) throw new Error('an image was judged for no nodes at all');
  const { inspection, finding } = told;
  if (locals.length === 1 && told.group.name === null) return { inspection, finding };
  const where = finding.message === '' ? '' : groupWords(alike.map(({ group }) => group));
  const findings = locals.map((local) => local.finding);
  const lack = {
    lacking: findings.flatMap(({ lacking }) => lacking),
    among: findings.flatMap(({ among }) => among),
  };
  const elsewhere = alike.length < locals.length;
  const message =
    inspection && worst === 'platform-missing'
      ? messages.platformMissing(inspection, { ...lack, elsewhere })
      : finding.message;
  return { inspection, finding: { ...finding, ...lack, fit: fitOf(findings), message, where } };
}

/** A group where the image lacks nothing, or where that is not known, is not *none*. */
function fitOf(findings: readonly Assessment[]): Fit {
  const fits = new Set(findings.map(({ fit }) => fit));
  const [fit = 'all'] = fits;
  return fits.size === 1 ? fit : 'some';
}
