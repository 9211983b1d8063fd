/** Conversion between durations in Go's syntax (`2500ms`, `1h30m`) and milliseconds. */

const units: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
};
const part = /^(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)/;
// Longest duration in milliseconds: Go stores nanoseconds in 63 bits.
const longest = (2 ** 63 - 1) / 1e6;

/**
 * Returns milliseconds, possibly negative or fractional. Returns null for what Go rejects: a number without a
 * unit, an unknown unit, an overflow.
 */
export function parseDuration(text: string): number | null {
  const sign = text.startsWith('-') ? -1 : 1;
  let rest = text.replace(/^[+-]/, '');
  if (rest === '0') return 0;
  if (rest === '' || text.length > 100) return null;
  let total = 0;
  while (rest !== '') {
    const [whole, count, unit = ''] = part.exec(rest) ?? [];
    if (whole === undefined) return null;
    total += Number(count) * (units[unit] ?? Number.NaN);
    rest = rest.slice(whole.length);
  }
  return total > longest ? null : sign * total;
}

/** Formats `90000` as `1m30s` and `2500` as `2500ms`. It rounds to whole milliseconds. */
export function formatDuration(ms: number): string {
  if (ms < 0) return `-${formatDuration(-ms)}`;
  if (ms % 1_000 !== 0) return `${Math.round(ms)}ms`;
  const counts = [Math.floor(ms / 3_600_000), Math.floor(ms / 60_000) % 60, Math.floor(ms / 1_000) % 60];
  const parts = counts.flatMap((count, index) => (count > 0 ? [`${count}${'hms'[index]}`] : []));
  return parts.length > 0 ? parts.join('') : '0s';
}
