/** Which Events a change of status is worth, on the workloads that people know. Sending them, each once, is done elsewhere. */
import { type Digest, shortDigest } from '../../../../resolve/reference/digest.ts';
import { cutBytes } from '../../../../util/text/text.ts';
import type { Status } from '../../../api/schema.ts';
import { conditionOf, isDrifted } from '../../../api/conditions.ts';
import type { PodRecord } from '../../../cluster/records/pod-record.ts';
import { type Audience, maxWorkloads, eventRecipients, type Notified } from './event-audience.ts';
import { type WorkloadName, workloadsOf } from './workloads.ts';

export interface WorkloadEvent {
  readonly regarding: WorkloadName;
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  /** At most 1,024 bytes, as the API server has it. */
  readonly message: string;
}

export interface Telling {
  readonly events: readonly WorkloadEvent[];
  /** Afterwards. */
  readonly warned: Notified | null;
}

const maxMessage = 1_024;

type News = Omit<WorkloadEvent, 'regarding'>;

/** `before`: as it was written last; null: never. `warned`: who has been told already. */
export function eventsFor(
  before: Status | null,
  after: Status,
  warned: Notified | null,
  audience: Audience,
): Telling {
  const { reason, to, warned: then } = eventRecipients(after, warned, audience);
  const drift = driftNews(before, after);
  const parts = partsNews(before, after);
  const events = [
    ...(reason === null ? [] : about(to, resultNews(after, reason))),
    ...(drift ? toldTo(audience.users, drift) : []),
    ...(parts ? toldTo(audience.users, parts) : []),
    ...pinNews(before, after, audience.users),
  ];
  return { events, warned: then };
}

function toldTo(users: readonly PodRecord[], news: News): readonly WorkloadEvent[] {
  return about(workloadsOf(users).slice(0, maxWorkloads), news);
}

function about(workloads: readonly WorkloadName[], news: News): readonly WorkloadEvent[] {
  return workloads.map((regarding) => ({ regarding, ...news }));
}

/** The digest of an owner's earlier pods could not be had any more: its controller, which makes the pods, keeps our warning to itself. */
function pinNews(
  before: Status | null,
  after: Status,
  users: readonly PodRecord[],
): readonly WorkloadEvent[] {
  return after.pins.flatMap(({ ownerUID, container, digest }) => {
    const earlier = before?.pins.find((pin) => pin.ownerUID === ownerUID && pin.container === container);
    if (!earlier || earlier.digest === digest) return [];
    const [now, then] = [digest, earlier.digest].map((each) => shortDigest(each as Digest));
    const words = `${after.reference ?? 'its image'} was ${then} for earlier pods, which is gone; new ones have ${now} (${container})`;
    const own = users.filter(({ owner }) => owner?.uid === ownerUID);
    return toldTo(own, told('Warning', 'PinnedDigestNotFound', words));
  });
}

function resultNews(status: Status, reason: string): News {
  const type = status.result === 'platform-missing' ? 'PlatformsSatisfied' : 'Available';
  const message = conditionOf(status, type)?.message ?? '';
  return told(status.result === 'available' ? 'Normal' : 'Warning', reason, message);
}

/** That it cannot be told for a while ends no drift. */
function driftNews(before: Status | null, after: Status): News | null {
  const message = conditionOf(after, 'Drifted')?.message ?? '';
  if (isDrifted(after)) return isDrifted(before) ? null : told('Warning', 'ImageDrifted', message);
  const hasEnded = isDrifted(before) && conditionOf(after, 'Drifted')?.status === 'False';
  return hasEnded ? told('Normal', 'ImageDriftEnded', message) : null;
}

/** Parts that are missing for certain, or there again; that it cannot be told is no news. */
function partsNews(before: Status | null, after: Status): News | null {
  const [then, now] = [before, after].map((status) => conditionOf(status, 'PartsPresent'));
  if (now?.status === 'False' && then?.status !== 'False') {
    return told('Warning', 'ImagePartsMissing', now.message);
  }
  if (now?.status === 'True' && then?.status === 'False') {
    return told('Normal', 'ImagePartsPresent', now.message);
  }
  return null;
}

function told(type: News['type'], reason: string, message: string): News {
  return { type, reason, message: cutBytes(message, maxMessage) };
}
