/** The label by which a pod asks not to be judged. */
import type { Subject } from '../subject.ts';
import { labelOf } from '../workload/workload.ts';
import type { Policies } from './policies.ts';

/** On a pod or pod template, `"true"`. */
export const skipLabel = 'pratique.dev/skip';

/** Does it ask, and does the policy of its namespace listen? */
export function isOptedOut({ workload, namespace }: Subject, { policyFor }: Policies): boolean {
  if (labelOf(workload, skipLabel) !== 'true') return false;
  // Labels of the namespace say nothing about this.
  return policyFor({ name: namespace, labels: {} }, null).skipLabel;
}
