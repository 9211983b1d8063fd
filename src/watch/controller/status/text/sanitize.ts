/** Values of verdicts and inspections within the bounds of the status. */
import { formatAll } from '../../../../resolve/platform/format.ts';
import type { Platform } from '../../../../resolve/platform/platform.ts';
import { clean } from '../../../../util/text/text.ts';

const maxSummary = 5;

/** One line, and as it comes back from the API server, which has no half surrogate pairs: what differs would be written again and again. */
export function shown(text: string, max = 256): string {
  return clean(text, max).toWellFormed();
}

/** A word of the closed lists; anything else would be refused by the API server. */
export function word(reason: string | null): string | null {
  return reason !== null && /^[A-Z][A-Za-z0-9]{0,63}$/.test(reason) ? reason : null;
}

/** As `formatAll` writes them, once each. */
export function specifiers(platforms: readonly Platform[]): readonly string[] {
  return distinctSpecifiers(platforms.map(formatAll));
}

export function distinctSpecifiers(platforms: readonly string[]): readonly string[] {
  return [...new Set(platforms.map((platform) => shown(platform, 128)))].filter((each) => each !== '');
}

/** `linux/amd64,linux/arm64,+3`: at most five. Without spaces, which part the columns of a table. */
export function summary(platforms: readonly string[]): string {
  const more = platforms.length - maxSummary;
  return [...platforms.slice(0, maxSummary), ...(more > 0 ? [`+${more}`] : [])].join(',');
}
