/**
 * Warnings that a registry sends in its responses, mostly about deprecations: `Warning: 299 - "…"` (distribution
 * specification).
 */
import { clean } from '../../../util/text/text.ts';
import type { Reply } from './reply.ts';

const maxWarnings = 4;
const maxText = 200;
const warning = /(?:^|,)\s*299\s+\S+\s+"((?:[^"\\]|\\.)*)"/g;

/**
 * Returns the first few warnings of a response, sanitized and cut. Warnings from another host after a redirect are ignored.
 */
export function registryWarnings({ headers, foreign }: Reply): readonly string[] {
  const lines = foreign ? [] : [headers['warning'] ?? []].flat();
  const texts = lines.flatMap((line) => [...line.matchAll(warning)].map((match) => match[1] ?? ''));
  const shown = texts.map((text) => clean(text.replace(/\\(.)/g, '$1'), maxText));
  return shown.filter((text) => text !== '').slice(0, maxWarnings);
}
