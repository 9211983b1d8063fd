/** Parser for `Retry-After` (RFC 9110 §10.2.3): seconds or a date, clamped. */

// Five minutes, because Docker Hub has sent values of hours.
const maxMs = 5 * 60_000;
const minMs = 1_000;

/** Returns milliseconds from `now`, between 1 s and 5 min; null if absent or invalid. */
export function retryAfterMs(value: string | null, now: number): number | null {
  const text = value?.trim() ?? '';
  if (/^\d{1,12}$/.test(text)) return clamp(Number(text) * 1000);
  // Only an IMF-fixdate is accepted, because Date.parse reads "1" and "12-3" as dates.
  if (!/^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(text)) return null;
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : clamp(at - now);
}

function clamp(ms: number): number {
  return Math.min(maxMs, Math.max(minMs, ms));
}
