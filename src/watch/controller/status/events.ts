/** Which Events a change of status is worth, on the workloads that people know. Sending them, each once, is done elsewhere. */
import type { Result } from '../../../judge/verdict.ts';
import { type Digest, shortDigest } from '../../../resolve/reference/digest.ts';
import { cutBytes } from '../../../util/text.ts';
import type { Status } from '../../api/schema.ts';
import { conditionOf, isDrifted } from '../../api/status.ts';
import type { PodRecord } from '../../cluster/pod-record.ts';
import { type WorkloadName, workloadsOf } from './workloads.ts';

export interface WorkloadEvent {
  readonly regarding: WorkloadName;
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  /** At most 1,024 bytes, as the API server has it. */
  readonly message: string;
}

const maxMessage = 1_024;
/** An image that hundreds of workloads share is told of on some of them; the ImageInspection tells it once for all. */
const maxWorkloads = 20;

type News = Omit<WorkloadEvent, 'regarding'>;

/** `landsOn`: which users may land on a node of one of these platforms? A platform that is missing is no news for the others. */
export function eventsFor(
  before: Status | null,
  after: Status,
  users: readonly PodRecord[],
  landsOn: (platforms: readonly string[]) => (user: PodRecord) => boolean,
): readonly WorkloadEvent[] {
  const isMissing = after.result === 'platform-missing';
  const [result, drift] = [resultNews(before, after), driftNews(before, after)];
  return [
    ...(result ? toldTo(isMissing ? users.filter(landsOn(after.missingPlatforms)) : users, result) : []),
    ...(drift ? toldTo(users, drift) : []),
    ...pinNews(before, after, users),
  ];
}

function toldTo(users: readonly PodRecord[], news: News): readonly WorkloadEvent[] {
  return workloadsOf(users)
    .slice(0, maxWorkloads)
    .map((regarding) => ({ regarding, ...news }));
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
    return toldTo(own, told('Warning', 'ImagePinGone', words));
  });
}

/** Unknown is neither bad nor good: an outage of a registry is no news about the image. */
function resultNews(before: Status | null, after: Status): News | null {
  if (before?.result === after.result) return null;
  const reason = badReason(after.result);
  if (reason !== null) return told('Warning', reason, messageOf(after, after.result));
  const isGood = after.result === 'available' && before !== null && badReason(before.result) !== null;
  return isGood ? told('Normal', 'ImageAvailable', messageOf(after, after.result)) : null;
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

/** That it cannot be told for a while ends no drift. */
function driftNews(before: Status | null, after: Status): News | null {
  const message = conditionOf(after, 'Drifted')?.message ?? '';
  if (isDrifted(after)) return isDrifted(before) ? null : told('Warning', 'ImageDrifted', message);
  const hasEnded = isDrifted(before) && conditionOf(after, 'Drifted')?.status === 'False';
  return hasEnded ? told('Normal', 'ImageDriftEnded', message) : null;
}

function messageOf(status: Status, result: Result): string {
  const type = result === 'platform-missing' ? 'PlatformsSatisfied' : 'Available';
  return conditionOf(status, type)?.message ?? '';
}

function told(type: News['type'], reason: string, message: string): News {
  return { type, reason, message: cutBytes(message, maxMessage) };
}
