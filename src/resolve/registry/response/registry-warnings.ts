/** What a registry warns of in its answers, deprecations mostly: `Warning: 299 - "…"`, as the distribution specification has it. */
import { clean } from '../../../util/text/text.ts';
import type { Reply } from './reply.ts';

const maxWarnings = 4;
const maxText = 200;
const warning = /(?:^|,)\s*299\s+\S+\s+"((?:[^"\\]|\\.)*)"/g;

/** Their texts, cleaned and cut; the first few of one answer. What another host says, to which it redirected, does not count. */
export function registryWarnings({ headers, foreign }: Reply): readonly string[] {
  const lines = foreign ? [] : [headers['warning'] ?? []].flat();
  const texts = lines.flatMap((line) => [...line.matchAll(warning)].map((match) => match[1] ?? ''));
  const shown = texts.map((text) => clean(text.replace(/\\(.)/g, '$1'), maxText));
  return shown.filter((text) => text !== '').slice(0, maxWarnings);
}
