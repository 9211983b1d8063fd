/** Milliseconds as a duration that people read and `parseGoDuration` reads back. */

/** `90000` is `1m30s`. Whole milliseconds only. */
export function formatDuration(ms: number): string {
  if (ms < 0) return `-${formatDuration(-ms)}`;
  if (ms < 60_000 && ms % 1_000 !== 0) return `${Math.round(ms)}ms`;
  const [hours, minutes] = [Math.floor(ms / 3_600_000), Math.floor(ms / 60_000) % 60];
  const [seconds, rest] = [Math.floor(ms / 1_000) % 60, Math.round(ms % 1_000)];
  const parts = [`${hours}h`, `${minutes}m`, `${seconds}s`, `${rest}ms`].filter((part) => !/^0\D/.test(part));
  return parts.length > 0 ? parts.join('') : '0s';
}
