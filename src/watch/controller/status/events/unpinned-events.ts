/** Events for workloads whose pods were stored by tag although the policy pins their image; each workload gets one. */
import type { Status } from '../../../api/schema.ts';
import type { PodRecord } from '../../../cluster/records/pod-record.ts';
import { maxWorkloads } from './event-audience.ts';
import type { WorkloadEvent } from './events.ts';
import { workloadsOf } from './workloads.ts';

export interface UnpinnedEvents {
  readonly events: readonly WorkloadEvent[];
  /** UIDs of the workloads notified after these Events. */
  readonly notified: ReadonlySet<string>;
}

/**
 * Returns the Events. `notified` are the workloads that already got an Event; it is true if a previous leader
 * has notified them, and false if there were none.
 */
export function unpinnedEvents(
  { reference = 'the image', result }: Status,
  unpinned: readonly PodRecord[],
  notified: ReadonlySet<string> | boolean,
): UnpinnedEvents {
  const workloads = workloadsOf(unpinned);
  const all = new Set(workloads.map(({ uid }) => uid));
  if (notified === true) return { events: [], notified: all };
  const before = notified === false ? new Set<string>() : notified;
  // Another result has Events of its own, and recreated pods could not be pinned either.
  if (result !== 'available') return { events: [], notified: before };
  const wasJudged = unpinned.some(({ hasVerdict }) => hasVerdict);
  const reason = wasJudged
    ? 'admission could not determine its digest (see the annotation pratique.dev/verdict of the pods)'
    : 'admission did not see the pods';
  const events = workloads
    .filter(({ uid }) => !before.has(uid))
    .slice(0, maxWorkloads)
    .map((regarding) => ({
      regarding,
      type: 'Normal' as const,
      reason: 'ImageNotPinned',
      message: `${reference} runs by its tag: ${reason}; recreate the pods to pin it`,
    }));
  return { events, notified: all };
}
