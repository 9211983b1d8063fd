/**
 * Conversion between Kubernetes quantities of bytes (`4Mi`, `512k`, `1.5Gi`) and numbers. It does not accept
 * `m` or exponents.
 */

const units: Readonly<Record<string, number>> = {
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};
const form = /^(\d{1,15}(?:\.\d{1,9})?)([kMGT]|[KMGT]i)?$/;

/** Returns bytes. Returns null if the text is not a size, is not a whole number of bytes, or exceeds 2^53. */
export function parseSize(text: string): number | null {
  const [, count, unit = ''] = form.exec(text) ?? [];
  if (count === undefined) return null;
  const bytes = Number(count) * (units[unit] ?? Number.NaN);
  return Number.isSafeInteger(bytes) ? bytes : null;
}

/** Formats with the largest binary unit that divides `bytes`, so that 4194304 becomes `4Mi`. */
export function formatSize(bytes: number): string {
  const unit = ['Ti', 'Gi', 'Mi', 'Ki'].find((each) => bytes > 0 && bytes % (units[each] ?? 1) === 0) ?? '';
  return `${bytes / (units[unit] ?? 1)}${unit}`;
}

/** Formats a rounded size for people, such as `47.3 MiB` or `812 B`. */
export function roughSize(bytes: number): string {
  const unit = ['Ti', 'Gi', 'Mi', 'Ki'].find((each) => bytes >= (units[each] ?? 1));
  return unit === undefined ? `${bytes} B` : `${(bytes / (units[unit] ?? 1)).toFixed(1)} ${unit}B`;
}
