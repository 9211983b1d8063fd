/** Field types that several configuration schemas share: durations, sizes, globs and parsed strings. */
import { z } from 'zod';
import { formatDuration, parseDuration } from './text/duration.ts';
import { formatSize, parseSize } from './text/size.ts';
import { clean } from './text/text.ts';

/** Accepts `1s`, `2500ms` or `24h` and yields milliseconds, within `min` and `max` (milliseconds, inclusive). */
export function duration({ min = 0, max = 365 * 86_400_000 }: { min?: number; max?: number } = {}) {
  return parsed('duration', (text) => {
    const ms = parseDuration(text);
    if (ms === null) throw new Error(`${quoted(text)} is not a duration; write it like 500ms, 30s or 1h30m`);
    if (ms < min) throw new Error(`${quoted(text)} is too short; at least ${formatDuration(min)}`);
    if (ms > max) throw new Error(`${quoted(text)} is too long; at most ${formatDuration(max)}`);
    return ms;
  });
}

/** Accepts `4Mi` or `512k` and yields bytes, within `min` and `max` (bytes, inclusive). */
export function size({ min = 0, max }: { min?: number; max: number }) {
  return parsed('size', (text) => {
    const bytes = parseSize(text);
    if (bytes === null) throw new Error(`${quoted(text)} is not a size; write it like 512Ki, 4Mi or 1Gi`);
    if (bytes < min) throw new Error(`${quoted(text)} is too small; at least ${formatSize(min)}`);
    if (bytes > max) throw new Error(`${quoted(text)} is too large; at most ${formatSize(max)}`);
    return bytes;
  });
}

/**
 * Accepts a string and yields what `parse` returns. If `parse` throws, its error message is shown to the
 * operator. `kind` names the type on the reference page.
 */
export function parsed<T>(kind: string, parse: (text: string) => T) {
  return z
    .string()
    .meta({ kind })
    .transform((text, context): T => {
      try {
        return parse(text);
      } catch (error) {
        context.addIssue({ code: 'custom', message: (error as Error).message });
        return z.NEVER;
      }
    });
}

/** Accepts a list of globs on names or hosts, at most 1,000 of at most 512 characters each. */
export function globs() {
  return z.array(z.string().min(1).max(512)).max(1_000);
}

/** Quotes a text of the configuration for a message, cut to 80 characters. */
export function quoted(text: string): string {
  return `"${clean(text, 80)}"`;
}
