/** Description of missing platforms, counted by nodes where nodes are known. */
import { formatAll } from '../../resolve/platform/format.ts';
import { clean, listFirst } from '../../util/text/text.ts';
import { type EligiblePlatform, platformsOf } from '../nodes/fit.ts';

export interface MissingPlatforms {
  readonly lacking: readonly EligiblePlatform[];
  /** All platforms that the image was compared with. */
  readonly among: readonly EligiblePlatform[];
  /** True if the pod has eligible nodes besides `among`. */
  readonly elsewhere?: boolean;
  /** True if every node gets a pod of its own, as for a DaemonSet. */
  readonly isPerNode?: boolean;
}

// Limit of platforms in one message, which has room for few.
const maxPlatforms = 5;

/** Formats where the image runs: `3 of 5 eligible nodes`, `no required platform`. */
export function formatFitting(missing: MissingPlatforms): string {
  const { lacking, among, elsewhere = false, isPerNode = false } = missing;
  const fitting = among.every(({ nodes }) => !nodes) ? requiredFitting(missing) : nodesFitting(missing);
  const refusing = countOf(lacking) || platformsOf(lacking).length;
  const refusal = refusing === 1 ? '1 node will refuse its pod' : `${refusing} nodes will refuse their pods`;
  return (
    fitting +
    (elsewhere ? ' there' : '') +
    (isPerNode && lacking.length < among.length ? ` (${refusal})` : '')
  );
}

/** Formats the same for required platforms, which several node groups may share. */
function requiredFitting({ lacking, among }: MissingPlatforms): string {
  return formatShare(platformsOf(lacking).length, platformsOf(among).length, 'required platform');
}

function nodesFitting({ lacking, among }: MissingPlatforms): string {
  const isEvery = lacking.length === among.length;
  const [others, all] = [countOf(lacking), countOf(among)];
  if (all === 0) {
    return `${isEvery ? 'none' : 'only some'} of the nodes that the cluster may add, and no existing node is eligible`;
  }
  if (others === 0) {
    const existing = all === 1 ? 'the only eligible node' : `all ${all} eligible nodes`;
    return `${existing}, but not all that the cluster may add`;
  }
  if (others === all && !isEvery) return 'no eligible node, only nodes that the cluster may add';
  return formatShare(others, all, 'eligible node');
}

/** Formats the missing platforms: `linux/arm64 (node arm-1, +1), windows/amd64 (platforms.additional)`. */
export function formatMissing({ lacking }: MissingPlatforms): string {
  const byPlatform = [...Map.groupBy(lacking, ({ platform }) => formatAll(platform))];
  return listFirst(
    byPlatform.map(([text, eligible]) => clean(text, 64) + formatNodes(eligible)),
    maxPlatforms,
  );
}

/** Formats what the user can do about the missing platforms. */
export function formatRemedy({ lacking, among, elsewhere = false }: MissingPlatforms): string {
  const push = `Push it for ${platformsOf(lacking).length === 1 ? 'this platform' : 'these platforms'}`;
  if (lacking.length < among.length || elsewhere) {
    const build = lacking.some((each) => isTwin(each, lacking, among)) ? ` on ${windowsBuildLabel}` : '';
    return `${push}, or restrict the pod to matching nodes with a nodeSelector${build}.`;
  }
  // The image runs on none of the nodes, so excluding nodes would leave the pod without any.
  const others = ', or let the pod run on other nodes (nodeName, nodeSelector, affinity, tolerations)';
  return `${push}${among.some(({ nodes }) => nodes) ? others : ''}.`;
}

const windowsBuildLabel = 'node.kubernetes.io/windows-build';

/**
 * Returns true if only the Windows build distinguishes the platform from that of a node on which the image
 * runs.
 */
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

function formatNodes(eligible: readonly EligiblePlatform[]): string {
  const nodes = eligible.flatMap(({ nodes }) => nodes ?? []);
  const example = nodes.find(({ count }) => count > 0)?.example;
  if (example === undefined) return nodes.length > 0 ? ' (platforms.additional)' : '';
  const more = countOf(eligible) - 1;
  return ` (node ${clean(example, 63)}${more > 0 ? `, +${more}` : ''})`;
}

function formatShare(others: number, all: number, noun: string): string {
  if (others === all) return `no ${noun}`;
  return `${all - others} of ${all} ${noun}${all === 1 ? '' : 's'}`;
}

function countOf(platforms: readonly EligiblePlatform[]): number {
  return platforms.reduce((sum, { nodes }) => sum + (nodes?.count ?? 0), 0);
}
