/** Exclusion of a pod from checks by a label, where the policy of its namespace honours that. */
import type { Subject } from '../subject.ts';
import { labelOf } from '../workload/workload.ts';
import type { Namespace, Policies } from './policies.ts';

/** On a pod or pod template, with the value `"true"`. */
export const skipLabel = 'pratique.dev/skip';

/** Tells whether the workload has the label and its namespace honours it. `labels`: the namespace's. */
export function isOptedOut(
  { workload, namespace }: Subject,
  labels: Namespace['labels'],
  policies: Policies,
): boolean {
  return labelOf(workload, skipLabel) === 'true' && honoursSkipLabel({ name: namespace, labels }, policies);
}

/**
 * Tells whether pods in this namespace can exclude themselves. With `auto` they cannot where the mode is `enforce`: the
 * author of a pod must not weaken what a namespace may only tighten.
 */
export function honoursSkipLabel(namespace: Namespace, { policyFor }: Pick<Policies, 'policyFor'>): boolean {
  const policy = policyFor(namespace, null);
  return policy.skipLabel === 'auto' ? policy.mode !== 'enforce' : policy.skipLabel;
}
