/** Limits for texts of the status. */
import { formatAll } from '../../../../resolve/platform/format.ts';
import type { Platform } from '../../../../resolve/platform/platform.ts';
import { clean, listFirst } from '../../../../util/text/text.ts';

const maxSummary = 5;

/**
 * Returns one line without unpaired surrogates, as the API server stores it; any difference would lead to
 * another write.
 */
export function sanitize(text: string, max = 256): string {
  return clean(text, max).toWellFormed();
}

/** Returns the reason; null if the API server would reject it. */
export function validReason(reason: string | null): string | null {
  return reason !== null && /^[A-Z][A-Za-z0-9]{0,63}$/.test(reason) ? reason : null;
}

/** Formats each platform once, as `formatAll` writes it. */
export function formatPlatforms(platforms: readonly Platform[]): readonly string[] {
  return sanitizePlatforms(platforms.map(formatAll));
}

export function sanitizePlatforms(platforms: readonly string[]): readonly string[] {
  return [...new Set(platforms.map((platform) => sanitize(platform, 128)))].filter((each) => each !== '');
}

/**
 * Returns text such as `linux/amd64,linux/arm64,+3`. It has no spaces, because `kubectl` separates columns by
 * them.
 */
export function summarize(platforms: readonly string[]): string {
  return listFirst(platforms, maxSummary, ',');
}
