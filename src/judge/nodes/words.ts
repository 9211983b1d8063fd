/** Eligible platforms in words: counted by their nodes where those are known. */
import { formatAll } from '../../resolve/platform/format.ts';
import { clean } from '../../util/text.ts';
import type { EligiblePlatform } from './fit.ts';

// A message has room for few.
const maxPlatforms = 5;

/** How many of them an image fits: `3 of 5 nodes`, `no platform`. */
export function fittingWords(
  lacking: readonly EligiblePlatform[],
  eligible: readonly EligiblePlatform[],
): string {
  const nodes = countOf(eligible);
  const [noun, all, others] =
    nodes === 0 ? ['platform', eligible.length, lacking.length] : ['node', nodes, countOf(lacking)];
  if (lacking.length === eligible.length) return `no ${noun}`;
  return `${all - others} of ${all} ${noun}${all === 1 ? '' : 's'}`;
}

/** `linux/arm64 (node arm-1, +1), windows/amd64 (nodes that may come)` */
export function lackingWords(
  lacking: readonly EligiblePlatform[],
  eligible: readonly EligiblePlatform[],
): string {
  const some = countOf(eligible) > 0;
  const alike = [...Map.groupBy(lacking, ({ platform }) => formatAll(platform))];
  const shown = alike.slice(0, maxPlatforms).map(([text, those]) => clean(text, 64) + nodeWords(those, some));
  const more = alike.length - shown.length;
  return shown.join(', ') + (more > 0 ? `, +${more}` : '');
}

/** `some`: nodes are known at all. */
function nodeWords(those: readonly EligiblePlatform[], some: boolean): string {
  const count = countOf(those);
  if (count === 0) return some ? ' (nodes that may come)' : '';
  const [example = ''] = those.flatMap(({ nodes }) => (nodes ? [nodes.example] : []));
  return ` (node ${clean(example, 63)}${count > 1 ? `, +${count - 1}` : ''})`;
}

function countOf(platforms: readonly EligiblePlatform[]): number {
  return platforms.reduce((sum, { nodes }) => sum + (nodes?.count ?? 0), 0);
}
