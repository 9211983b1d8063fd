/**
 * Owners whose pods may be changed. By default these are pods without a controller, and those of Kubernetes'
 * own controllers.
 */
import { controllerKindOf, type Workload } from '../workload/workload.ts';
import type { GroupKind } from '../workload/workload-kinds.ts';
import type { Policy } from './schema.ts';

const builtinControllers: ReadonlySet<string> = new Set([
  'apps/ReplicaSet',
  'apps/StatefulSet',
  'apps/DaemonSet',
  'batch/Job',
  '/ReplicationController',
]);

/**
 * Returns true if the pod may be pinned and given a node affinity. Operators that own pods directly compare
 * them with what they wrote, and would recreate a changed pod for ever.
 */
export function canChange(workload: Workload, policy: Pick<Policy, 'pinOwners'>): boolean {
  return canChangePodsOf(controllerKindOf(workload), policy);
}

/** Does the same for the pods of a controller; null means that they have none. */
export function canChangePodsOf(
  controller: GroupKind | null,
  { pinOwners }: Pick<Policy, 'pinOwners'>,
): boolean {
  if (pinOwners === 'all' || !controller) return true;
  const name = `${controller.group}/${controller.kind}`;
  return builtinControllers.has(name) || (pinOwners !== 'builtin' && pinOwners.includes(name));
}
