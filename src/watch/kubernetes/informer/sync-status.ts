/** Readiness message that names the kinds that are not synced yet, with the reason. */
import { clean } from '../../../util/text/text.ts';
import type { KubernetesError } from '../api.ts';

export interface SyncStatus {
  readonly isSynced: boolean;
  /** Error of the last attempt; null if it succeeded or is in progress. */
  readonly failure: KubernetesError | null;
}

/** Returns the readiness message; null if all kinds are synced. */
export function describeUnsynced(statuses: readonly (readonly [what: string, SyncStatus])[]): string | null {
  const unsynced = statuses.filter(([, { isSynced }]) => !isSynced);
  if (unsynced.length === 0) return null;
  const names = unsynced.map(([resource]) => resource).join(', ');
  const failures = unsynced.flatMap(([, { failure }]) => failure ?? []);
  // Each forbidden resource is listed, but an unreachable API server only once.
  const distinct = new Map(failures.map((each) => [isForbidden(each) ? each.message : each.code, each]));
  const reasons = [...distinct.values()].map(({ message }) => clean(message, 512)).join('; ');
  const advice = failures.some(isForbidden)
    ? "; apply the chart's ClusterRole, which grants the missing permissions"
    : '';
  return `not synced: ${names}${reasons === '' ? '' : ` (${reasons})`}${advice}`;
}

function isForbidden({ code }: KubernetesError): boolean {
  return code === 'Forbidden';
}
