/** Durations as Go's `time.ParseDuration` reads them: `1h30m`, `1.5s`, `100ms`. Not for Kubernetes' own quantities. */

const units: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};
// Go keeps nanoseconds in 63 bits.
const longest = (2 ** 63 - 1) / 1e6;
const part = /^(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)/;

/** Milliseconds, possibly negative or fractional; null for what Go refuses (a number without a unit, an unknown unit, too long). */
export function parseGoDuration(text: string): number | null {
  const sign = text.startsWith('-') ? -1 : 1;
  let rest = text.replace(/^[+-]/, '');
  if (rest === '0') return 0;
  if (rest === '' || text.length > 100) return null;
  let total = 0;
  while (rest !== '') {
    const found = part.exec(rest);
    if (!found) return null;
    total += Number(found[1]) * (units[found[2] ?? ''] ?? Number.NaN);
    rest = rest.slice(found[0].length);
  }
  return total > longest ? null : sign * total;
}
