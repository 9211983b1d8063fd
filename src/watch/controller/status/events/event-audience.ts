/** Which workloads hear that an image is bad, each once, whoever comes later too; and that it is good again. What they hear is in `events.ts`. */
import type { Result } from '../../../../judge/results.ts';
import type { Status } from '../../../api/schema.ts';
import type { PodRecord } from '../../../cluster/records/pod-record.ts';
import { type WorkloadName, workloadsOf } from './workloads.ts';

/** Those that were told, and by which word. */
export interface Notified {
  readonly reason: string;
  readonly workloads: ReadonlySet<string>;
}

/** Who uses the image now. */
export interface Audience {
  readonly users: readonly PodRecord[];
  /** Which users may land on a node of one of these platforms? One that is missing is no news for the others. */
  readonly landsOn: (platforms: readonly string[]) => (user: PodRecord) => boolean;
}

export interface EventRecipients {
  /** null: there is nothing to tell. */
  readonly reason: string | null;
  readonly to: readonly WorkloadName[];
  /** Afterwards; null: nobody. */
  readonly warned: Notified | null;
}

/** An image that hundreds of workloads share is told of on some of them; the ImageInspection tells it once for all. */
export const maxWorkloads = 20;

/** Whom the leader before has told, as far as the status tells. */
export function notifiedBy(status: Status | null, audience: Audience): Notified | null {
  const reason = status && badReason(status.result);
  return reason ? { reason, workloads: uidsOf(concernedBy(status, audience).slice(0, maxWorkloads)) } : null;
}

export function eventRecipients(
  status: Status,
  warned: Notified | null,
  audience: Audience,
): EventRecipients {
  const reason = badReason(status.result);
  if (reason === null) return status.result === 'available' ? recovered(warned, audience) : silence(warned);
  const concerned = concernedBy(status, audience);
  const before = warned?.reason === reason ? warned.workloads : new Set<string>();
  const told = concerned.filter(({ uid }) => before.has(uid));
  const to = concerned
    .filter(({ uid }) => !before.has(uid))
    .slice(0, Math.max(0, maxWorkloads - told.length));
  return { reason, to, warned: { reason, workloads: uidsOf([...told, ...to]) } };
}

function recovered(warned: Notified | null, { users }: Audience): EventRecipients {
  if (!warned) return silence(null);
  return { reason: 'ImageAvailable', to: workloadsOf(users).slice(0, maxWorkloads), warned: null };
}

/** Unknown is neither bad nor good: an outage of a registry is no news about the image. */
function silence(warned: Notified | null): EventRecipients {
  return { reason: null, to: [], warned };
}

function concernedBy(
  { result, missingPlatforms }: Status,
  { users, landsOn }: Audience,
): readonly WorkloadName[] {
  return workloadsOf(result === 'platform-missing' ? users.filter(landsOn(missingPlatforms)) : users);
}

function uidsOf(workloads: readonly WorkloadName[]): ReadonlySet<string> {
  return new Set(workloads.map(({ uid }) => uid));
}

/** null: not bad, as far as is known. */
function badReason(result: Result): string | null {
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
