/**
 * Decision whether a status is written. Texts, times and counts are written only along with other changes, or
 * once an hour.
 */
import type { EndpointStatus } from '../../api/items.ts';
import type { Status } from '../../api/schema.ts';

const refreshMs = 3_600_000;

/** Returns true if the status should be written. `now` is in milliseconds since the epoch. */
export function isSignificantChange(before: Status | null, after: Status, now: number): boolean {
  if (before === null) return true;
  // The difference counts in both directions, because the clock may have been set back.
  if (Math.abs(now - Date.parse(before.lastInspected)) >= refreshMs) return true;
  return significantPart(before) !== significantPart(after);
}

/** Returns the part on which a user or another replica would act, as text to compare. */
function significantPart(status: Status): string {
  const { observedGeneration, reference, result, reason, digest, manifestKind, mediaType, size, endpoint } =
    status;
  return JSON.stringify([
    [observedGeneration, reference, result, reason, digest, manifestKind, mediaType, size, endpoint],
    [status.platforms, status.platformsComplete ?? false, status.missingPlatforms],
    status.endpoints.map((each) => [
      [each.endpoint, each.role, each.repository, each.digest],
      isTransient(each) ? 'passing' : [each.result, each.reason, each.status],
    ]),
    status.credentials.map((each) => [
      each.serviceAccountName,
      each.imagePullSecrets,
      each.result,
      each.reason,
      each.digest,
    ]),
    status.pins.map((each) => [each.ownerUID, each.container, each.digest, each.since]),
    [status.unpinned !== undefined, status.lastInspectNow],
    status.running.map((each) => `${each.digest} ${each.relation}`).sort(),
    status.conditions.map((each) => [each.type, each.status, each.reason, each.observedGeneration]),
  ]);
}

/**
 * Returns true for a temporary failure. All of them are equal here, because an outage must not cause a write
 * for each variation.
 */
function isTransient({ result, reason }: EndpointStatus): boolean {
  if (result === 'unavailable' || result === 'rate-limited') return true;
  return result === 'skipped' && ['CircuitOpen', 'RateLimited', 'DeadlineExceeded'].includes(reason ?? '');
}
