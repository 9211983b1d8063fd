/** When an image is inspected again. Pure; waiting is the queue's. */
import { hash } from 'node:crypto';
import type { Result } from '../../judge/results.ts';
import { parseDuration } from '../../util/text/duration.ts';
import type { Status } from '../api/schema.ts';
import { conditionOf } from '../api/conditions.ts';

const minute = 60_000;
/** `lastInspected` is written along with changes, else hourly: it may be that much too old. */
const unwrittenMs = 60 * minute;
/** Failures are looked into no sooner than this. */
const firstAgainMs = minute;
const longestMs = 365 * 24 * 60 * minute;

/** Of a hand-made object its own; what cannot be read or is out of bounds gives way to the configured one. */
export function intervalOf(spec: { readonly interval?: string }, configuredMs: number): number {
  const own = spec.interval === undefined ? null : parseDuration(spec.interval);
  return own === null || own < minute || own > longestMs ? configuredMs : own;
}

/** Milliseconds from an inspection to the next one; of a failure the sooner the younger it is. */
export function nextAfter(status: Status, intervalMs: number, now: number, random: () => number): number {
  const wait = isFailure(status.result)
    ? Math.min(intervalMs, Math.max(firstAgainMs, now - sinceOf(status, now)))
    : intervalMs;
  return Math.round(wait * (0.75 + random() / 2));
}

/**
 * Milliseconds to the next inspection of an image that another leader inspected. Thousands of them must not all be due
 * at once when a leader begins: what seems overdue is spread over the interval, what is for certain over a part of it.
 */
export function nextAfterTakeOver(key: string, status: Status, intervalMs: number, now: number): number {
  const inspected = Date.parse(status.lastInspected);
  const age = Number.isNaN(inspected) ? Number.POSITIVE_INFINITY : Math.max(0, now - inspected);
  const place = placeOf(`${key} ${status.lastInspected}`);
  const wait = isFailure(status.result) ? Math.min(intervalMs, firstAgainMs) : intervalMs;
  const left = wait * (0.75 + place / 2) - age;
  if (left > 0) return Math.round(left);
  return Math.round(place * (age > wait + unwrittenMs ? wait / 10 : wait));
}

/** Since when it is as it is. */
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

/** In [0, 1), the same for the same text. */
function placeOf(text: string): number {
  return Number.parseInt(hash('sha256', text).slice(0, 8), 16) / 2 ** 32;
}
