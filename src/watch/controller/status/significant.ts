/** Whether a status is worth a write. Texts, times and counts are not: they go along with what is, else once an hour. */
import type { EndpointStatus } from '../../api/items.ts';
import type { Status } from '../../api/schema.ts';

const refreshMs = 3_600_000;

/** `now`: milliseconds since the epoch. */
export function isSignificantChange(before: Status | null, after: Status, now: number): boolean {
  if (before === null) return true;
  // Either way: a clock may have been set back.
  if (Math.abs(now - Date.parse(before.lastInspected)) >= refreshMs) return true;
  return essence(before) !== essence(after);
}

/** What a person or another replica would act upon, as text to compare. */
function essence(status: Status): string {
  const { observedGeneration, reference, result, reason, digest, manifestKind, mediaType, size, endpoint } =
    status;
  return JSON.stringify([
    [observedGeneration, reference, result, reason, digest, manifestKind, mediaType, size, endpoint],
    [status.platforms, status.platformsComplete ?? false, status.missingPlatforms],
    status.endpoints.map((each) => [
      [each.endpoint, each.role, each.repository, each.digest],
      isPassing(each) ? 'passing' : [each.result, each.reason, each.status],
    ]),
    status.credentials.map((each) => [
      each.serviceAccountName,
      each.imagePullSecrets,
      each.result,
      each.reason,
      each.digest,
    ]),
    status.pins.map((each) => [each.ownerUID, each.container, each.digest, each.since]),
    status.running.map((each) => `${each.digest} ${each.relation}`).sort(),
    status.conditions.map((each) => [each.type, each.status, each.reason, each.observedGeneration]),
  ]);
}

/** It cannot answer at present, in whichever way: an outage must not cost a write for each of its moods. */
function isPassing({ result, reason }: EndpointStatus): boolean {
  if (result === 'unavailable' || result === 'rate-limited') return true;
  return result === 'skipped' && ['CircuitOpen', 'RateLimited', 'DeadlineExceeded'].includes(reason ?? '');
}
