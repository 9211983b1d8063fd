/**
 * Selection of the workloads that get a Warning Event for a bad image (once each, including later workloads)
 * and a Normal Event on recovery.
 */
import type { Result } from '../../../../judge/results.ts';
import type { Status } from '../../../api/schema.ts';
import type { PodRecord } from '../../../cluster/records/pod-record.ts';
import { type WorkloadReference, workloadsOf } from './workloads.ts';

/** Workloads that got an Event, and its reason. */
export interface Notified {
  readonly reason: string;
  readonly workloads: ReadonlySet<string>;
}

/** Current users of the image. */
export interface EventAudience {
  readonly users: readonly PodRecord[];
  /**
   * Returns a predicate for users that can be scheduled on a node of one of these platforms. A missing
   * platform does not affect other users.
   */
  readonly runsOn: (platforms: readonly string[]) => (user: PodRecord) => boolean;
}

export interface EventRecipients {
  /** null if there is no Event to emit. */
  readonly reason: string | null;
  readonly to: readonly WorkloadReference[];
  /** Workloads notified after these Events; null for none. */
  readonly notified: Notified | null;
}

/**
 * Limit of workloads that get an Event for an image that hundreds share; the ImageInspection has the same
 * information.
 */
export const maxWorkloads = 20;

/** Returns the workloads that the previous leader has notified, as far as the status shows. */
export function notifiedBy(status: Status | null, audience: EventAudience): Notified | null {
  const reason = status && badImageReason(status.result);
  return reason
    ? { reason, workloads: workloadUids(affectedWorkloads(status, audience).slice(0, maxWorkloads)) }
    : null;
}

export function eventRecipients(
  status: Status,
  notified: Notified | null,
  audience: EventAudience,
): EventRecipients {
  const reason = badImageReason(status.result);
  if (reason === null)
    return status.result === 'available' ? recoveryRecipients(notified, audience) : noRecipients(notified);
  const concerned = affectedWorkloads(status, audience);
  const before = notified?.reason === reason ? notified.workloads : new Set<string>();
  const alreadyNotified = concerned.filter(({ uid }) => before.has(uid));
  const to = concerned
    .filter(({ uid }) => !before.has(uid))
    .slice(0, Math.max(0, maxWorkloads - alreadyNotified.length));
  return { reason, to, notified: { reason, workloads: workloadUids([...alreadyNotified, ...to]) } };
}

function recoveryRecipients(notified: Notified | null, { users }: EventAudience): EventRecipients {
  if (!notified) return noRecipients(null);
  return { reason: 'ImageAvailable', to: workloadsOf(users).slice(0, maxWorkloads), notified: null };
}

/** Keeps the notified workloads, because an outage of a registry says nothing about the image. */
function noRecipients(notified: Notified | null): EventRecipients {
  return { reason: null, to: [], notified };
}

function affectedWorkloads(
  { result, missingPlatforms }: Status,
  { users, runsOn }: EventAudience,
): readonly WorkloadReference[] {
  return workloadsOf(result === 'platform-missing' ? users.filter(runsOn(missingPlatforms)) : users);
}

function workloadUids(workloads: readonly WorkloadReference[]): ReadonlySet<string> {
  return new Set(workloads.map(({ uid }) => uid));
}

/** Returns the reason of the Warning Event; null if the image is not known to be bad. */
export function badImageReason(result: Result): string | null {
  switch (result) {
    case 'not-found':
      return 'ImageNotFound';
    case 'denied':
      return 'ImageDenied';
    case 'invalid':
      return 'ImageInvalid';
    case 'platform-missing':
      return 'ImagePlatformMissing';
    case 'available':
    case 'not-checked':
    case 'unavailable':
      return null;
    default:
      return result satisfies never;
  }
}
