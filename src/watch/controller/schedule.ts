/** Schedule of inspections. Its functions are pure; the queue waits. */
import { hash } from 'node:crypto';
import type { Result } from '../../judge/results.ts';
import { parseDuration } from '../../util/text/duration.ts';
import type { Status } from '../api/schema.ts';
import { conditionOf } from '../api/conditions.ts';

const minute = 60_000;
/** Greatest age of `lastInspected`, which is written with significant changes and otherwise hourly. */
const maxTimestampAgeMs = 60 * minute;
/** Shortest time before a failed inspection is repeated. */
const firstRetryMs = minute;
const maxIntervalMs = 365 * 24 * 60 * minute;

/** Returns the object's own interval, or the configured one if that is missing, invalid or out of range. */
export function intervalOf(spec: { readonly interval?: string }, configuredMs: number): number {
  const ownMs = spec.interval === undefined ? null : parseDuration(spec.interval);
  return ownMs === null || ownMs < minute || ownMs > maxIntervalMs ? configuredMs : ownMs;
}

/**
 * Returns the milliseconds to the next inspection. After a failure the delay grows with the time since the
 * image first failed.
 */
export function nextInspectionMs(
  status: Status,
  intervalMs: number,
  now: number,
  random: () => number,
): number {
  const delayMs = isFailure(status.result)
    ? Math.min(intervalMs, Math.max(firstRetryMs, now - sinceOf(status, now)))
    : intervalMs;
  return Math.round(delayMs * (0.75 + random() / 2));
}

/**
 * Returns the milliseconds to the next inspection of an image that a previous leader inspected. Thousands
 * must not be due at once when a term begins: those that may be overdue are spread over the interval, and
 * those that are certainly overdue over a tenth of it.
 */
export function nextInspectionAfterTakeoverMs(
  key: string,
  status: Status,
  intervalMs: number,
  now: number,
): number {
  const inspected = Date.parse(status.lastInspected);
  const age = Number.isNaN(inspected) ? Number.POSITIVE_INFINITY : Math.max(0, now - inspected);
  const fraction = hashFraction(`${key} ${status.lastInspected}`);
  const delayMs = isFailure(status.result) ? Math.min(intervalMs, firstRetryMs) : intervalMs;
  const remainingMs = delayMs * (0.75 + fraction / 2) - age;
  if (remainingMs > 0) return Math.round(remainingMs);
  return Math.round(fraction * (age > delayMs + maxTimestampAgeMs ? delayMs / 10 : delayMs));
}

/** Returns the time of the last change of the result. */
function sinceOf(status: Status, now: number): number {
  const type = status.result === 'platform-missing' ? 'PlatformsSatisfied' : 'Available';
  const since = Date.parse(conditionOf(status, type)?.lastTransitionTime ?? '');
  return Number.isNaN(since) ? now : Math.min(since, now);
}

function isFailure(result: Result): boolean {
  switch (result) {
    case 'available':
    case 'not-checked':
    case 'invalid':
      return false;
    case 'unavailable':
    case 'denied':
    case 'platform-missing':
    case 'not-found':
      return true;
    default:
      return result satisfies never;
  }
}

/** Returns a fraction in [0, 1), which is the same for the same text. */
function hashFraction(text: string): number {
  return Number.parseInt(hash('sha256', text).slice(0, 8), 16) / 2 ** 32;
}
