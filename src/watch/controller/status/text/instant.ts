/** Formatter of times as Kubernetes writes them, with a precision of one second. */

const latest = Date.UTC(9999, 11, 31);

/** Returns text such as `2026-01-02T03:04:05Z`. Any number is accepted: stored objects may contain any time. */
export function formatInstant(milliseconds: number): string {
  const inRange = Number.isFinite(milliseconds) ? Math.min(Math.max(milliseconds, 0), latest) : 0;
  return `${new Date(inRange).toISOString().slice(0, 19)}Z`;
}
