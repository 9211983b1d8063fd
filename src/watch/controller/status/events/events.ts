/** Events for a change of status, addressed to the workloads that users know. The recorder deduplicates them. */
import { type Digest, shortDigest } from '../../../../resolve/reference/digest.ts';
import { cutBytes } from '../../../../util/text/text.ts';
import type { Status } from '../../../api/schema.ts';
import { conditionOf, isDrifted } from '../../../api/conditions.ts';
import type { PodRecord } from '../../../cluster/records/pod-record.ts';
import {
  type EventAudience,
  badImageReason,
  maxWorkloads,
  eventRecipients,
  type Notified,
} from './event-audience.ts';
import { type WorkloadReference, workloadsOf } from './workloads.ts';

export interface WorkloadEvent {
  readonly regarding: WorkloadReference;
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  /** Message of at most 1,024 bytes, which is the limit of the API server. */
  readonly message: string;
}

export interface StatusEvents {
  readonly events: readonly WorkloadEvent[];
  /** Workloads notified after these Events. */
  readonly notified: Notified | null;
}

const maxMessage = 1_024;

type EventContent = Omit<WorkloadEvent, 'regarding'>;

/**
 * Returns the Events for a change of status. `before` is the last written status, null if there is none;
 * `notified` are the workloads that already got a Warning.
 */
export function buildEvents(
  before: Status | null,
  after: Status,
  notified: Notified | null,
  audience: EventAudience,
): StatusEvents {
  const { reason, to, notified: then } = eventRecipients(after, notified, audience);
  const drift = driftEvent(before, after);
  const parts = partsEvent(before, after);
  const events = [
    ...(reason === null ? [] : eventsForWorkloads(to, resultEvent(after, reason))),
    ...(drift ? eventsForUsers(audience.users, drift) : []),
    ...(parts ? eventsForUsers(audience.users, parts) : []),
    ...pinEvents(before, after, audience.users),
  ];
  return { events, notified: then };
}

/** Returns the Events for the ImageInspection itself, one for each change of the result or of the drift. */
export function objectEvents(
  before: Status | null,
  after: Status,
  regarding: WorkloadReference,
): readonly WorkloadEvent[] {
  const [reasonBefore, reason] = [before && badImageReason(before.result), badImageReason(after.result)];
  const contents: EventContent[] = [];
  if (reason !== null && reason !== reasonBefore) contents.push(resultEvent(after, reason));
  if (reasonBefore && after.result === 'available') contents.push(resultEvent(after, 'ImageAvailable'));
  const drift = driftEvent(before, after);
  if (drift) contents.push(drift);
  return contents.map((content) => ({ regarding, ...content }));
}

function eventsForUsers(users: readonly PodRecord[], content: EventContent): readonly WorkloadEvent[] {
  return eventsForWorkloads(workloadsOf(users).slice(0, maxWorkloads), content);
}

function eventsForWorkloads(
  workloads: readonly WorkloadReference[],
  content: EventContent,
): readonly WorkloadEvent[] {
  return workloads.map((regarding) => ({ regarding, ...content }));
}

/** Reports pins that were replaced because the earlier digest is gone: controllers do not show admission warnings. */
function pinEvents(
  before: Status | null,
  after: Status,
  users: readonly PodRecord[],
): readonly WorkloadEvent[] {
  return after.pins.flatMap(({ ownerUID, container, digest }) => {
    const earlier = before?.pins.find((pin) => pin.ownerUID === ownerUID && pin.container === container);
    if (!earlier || earlier.digest === digest) return [];
    const [now, then] = [digest, earlier.digest].map((each) => shortDigest(each as Digest));
    const words = `${after.reference ?? 'the image'}: the digest of earlier pods, ${then}, is gone; new pods get ${now} (${container})`;
    const ownUsers = users.filter(({ owner }) => owner?.uid === ownerUID);
    return eventsForUsers(ownUsers, eventContent('Warning', 'PinnedDigestNotFound', words));
  });
}

function resultEvent(status: Status, reason: string): EventContent {
  const type = status.result === 'platform-missing' ? 'PlatformsSatisfied' : 'Available';
  const message = conditionOf(status, type)?.message ?? '';
  return eventContent(status.result === 'available' ? 'Normal' : 'Warning', reason, message);
}

/** An unknown state does not end a drift, so it causes no Event. */
function driftEvent(before: Status | null, after: Status): EventContent | null {
  const message = conditionOf(after, 'Drifted')?.message ?? '';
  if (isDrifted(after)) return isDrifted(before) ? null : eventContent('Warning', 'ImageDrifted', message);
  const hasEnded = isDrifted(before) && conditionOf(after, 'Drifted')?.status === 'False';
  return hasEnded ? eventContent('Normal', 'ImageDriftEnded', message) : null;
}

/** An unknown state causes no Event. */
function partsEvent(before: Status | null, after: Status): EventContent | null {
  const [earlier, now] = [before, after].map((status) => conditionOf(status, 'PartsPresent'));
  if (now?.status === 'False' && earlier?.status !== 'False') {
    return eventContent('Warning', 'ImagePartsMissing', now.message);
  }
  const isBack = now?.status === 'True' && earlier?.status === 'False';
  return isBack ? eventContent('Normal', 'ImagePartsPresent', now.message) : null;
}

function eventContent(type: EventContent['type'], reason: string, message: string): EventContent {
  return { type, reason, message: cutBytes(message, maxMessage) };
}
