/** What an image lacks, in words: counted by nodes where those are known. */
import { formatAll } from '../../resolve/platform/format.ts';
import { clean } from '../../util/text/text.ts';
import { type EligiblePlatform, platformsOf } from '../nodes/fit.ts';

export interface MissingPlatforms {
  readonly lacking: readonly EligiblePlatform[];
  /** All that it was measured against. */
  readonly among: readonly EligiblePlatform[];
  /** The pod can also land on nodes that these do not tell of. */
  readonly elsewhere?: boolean;
}

// A message has room for few.
const maxPlatforms = 5;

/** What the image fits: `3 of 5 nodes that the pod can land on`, `no required platform`. */
export function formatFitting({ lacking, among, elsewhere = false }: MissingPlatforms): string {
  const there = elsewhere ? ' there' : '';
  const isEvery = lacking.length === among.length;
  if (among.every(({ nodes }) => !nodes)) {
    // Several groups of nodes may have to have the same.
    return share(platformsOf(lacking).length, platformsOf(among).length, 'required platform') + there;
  }
  const [others, all] = [countOf(lacking), countOf(among)];
  const nodes = (words: string) => `${words}${there} that the pod can land on`;
  if (all === 0) {
    const some = isEvery ? 'none' : 'only some';
    return `${some} of the nodes that may come${there}, and no other suits the pod`;
  }
  if (others === 0) {
    return `${nodes(all === 1 ? 'the one node' : `all ${all} nodes`)}, but not all that may come`;
  }
  if (others === all && !isEvery) return `${nodes('no node')}, only such as may come`;
  return nodes(share(others, all, 'node'));
}

/** `linux/arm64 (node arm-1, +1), windows/amd64 (nodes that may come: platforms.additional)` */
export function formatMissing({ lacking }: MissingPlatforms): string {
  const alike = [...Map.groupBy(lacking, ({ platform }) => formatAll(platform))];
  const shown = alike.slice(0, maxPlatforms).map(([text, those]) => clean(text, 64) + nodeWords(those));
  const more = alike.length - shown.length;
  return shown.join(', ') + (more > 0 ? `, +${more}` : '');
}

/** What to do about it. */
export function formatRemedy({ lacking, among, elsewhere = false }: MissingPlatforms): string {
  const push = 'Push it for these platforms';
  if (lacking.length < among.length || elsewhere) {
    const build = lacking.some((each) => isTwin(each, lacking, among)) ? windowsBuild : '';
    return `${push}, or keep the pod off such nodes by a nodeSelector on kubernetes.io/arch and kubernetes.io/os${build}`;
  }
  // Kept off these there is no node left.
  const pod = ', or change which nodes the pod asks for (nodeName, nodeSelector, affinity, tolerations)';
  return push + (among.some(({ nodes }) => nodes) ? pod : '');
}

const windowsBuild = ', of Windows on node.kubernetes.io/windows-build';

/** Only the build of Windows tells it from a node that fits. */
function isTwin(
  { platform: { os, architecture } }: EligiblePlatform,
  lacking: readonly EligiblePlatform[],
  among: readonly EligiblePlatform[],
): boolean {
  return (
    os === 'windows' &&
    among.some((other) => {
      const { platform } = other;
      return platform.os === os && platform.architecture === architecture && !lacking.includes(other);
    })
  );
}

function nodeWords(those: readonly EligiblePlatform[]): string {
  const nodes = those.flatMap(({ nodes }) => nodes ?? []);
  const example = nodes.find(({ count }) => count > 0)?.example;
  if (example === undefined) return nodes.length > 0 ? ' (nodes that may come: platforms.additional)' : '';
  const count = countOf(those);
  return ` (node ${clean(example, 63)}${count > 1 ? `, +${count - 1}` : ''})`;
}

function share(others: number, all: number, noun: string): string {
  if (others === all) return `no ${noun}`;
  return `${all - others} of ${all} ${noun}${all === 1 ? '' : 's'}`;
}

function countOf(platforms: readonly EligiblePlatform[]): number {
  return platforms.reduce((sum, { nodes }) => sum + (nodes?.count ?? 0), 0);
}
