/** Exclusion of a pod from checks by a label, if the policy of its namespace honours the label. */
import type { Subject } from '../subject.ts';
import { labelOf } from '../workload/workload.ts';
import type { Namespace, Policies } from './policies.ts';

/** Label of a pod or pod template that excludes it, with the value `"true"`. */
export const skipLabel = 'pratique.dev/skip';

/**
 * Returns true if the workload has the label and its namespace honours it. `labels` are the labels of the
 * namespace.
 */
export function isOptedOut(
  { workload, namespace }: Subject,
  labels: Namespace['labels'],
  policies: Policies,
): boolean {
  return labelOf(workload, skipLabel) === 'true' && honoursSkipLabel({ name: namespace, labels }, policies);
}

/**
 * Returns true if pods in this namespace can exclude themselves. With `auto` they cannot if the mode is
 * `enforce`: the author of a pod must not weaken what a namespace may only tighten.
 */
export function honoursSkipLabel(namespace: Namespace, { policyFor }: Pick<Policies, 'policyFor'>): boolean {
  const policy = policyFor(namespace, null);
  return policy.skipLabel === 'auto' ? policy.mode !== 'enforce' : policy.skipLabel;
}
