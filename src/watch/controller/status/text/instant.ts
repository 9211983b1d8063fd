/** Instants as Kubernetes writes them, to the second. */

const latest = Date.UTC(9999, 11, 31);

/** `2026-01-02T03:04:05Z`; clocks of restored and of hostile objects may be anything. */
export function instant(milliseconds: number): string {
  const inRange = Number.isFinite(milliseconds) ? Math.min(Math.max(milliseconds, 0), latest) : 0;
  return `${new Date(inRange).toISOString().slice(0, 19)}Z`;
}
