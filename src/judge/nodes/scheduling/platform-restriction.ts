/** To which of its eligible nodes a pod has to be kept so that all of its images fit. Writing it into the pod is `workload/affinity-patch.ts`'s. */
import { formatAll } from '../../../resolve/platform/format.ts';
import type { EligiblePlatform } from '../fit.ts';
import type { EligibleGroup } from '../group.ts';

/** Values of `kubernetes.io/os` and `kubernetes.io/arch`, any of the one with any of the other. */
export interface PlatformRestriction {
  readonly os: readonly string[];
  readonly arch: readonly string[];
}

/**
 * `missing`: eligible platforms that some image lacks, as `formatAll` writes them. null: no choice of labels makes it safe.
 * Two lists of labels cannot say linux/arm64 or windows/amd64 and no more; then the choice with the most nodes is taken.
 */
export function platformRestriction(
  eligibleGroups: readonly EligibleGroup[],
  missing: ReadonlySet<string>,
): PlatformRestriction | null {
  const pairs = [...pairsOf(eligibleGroups, missing).values()];
  const systems = [...new Set(pairs.filter(({ fits }) => fits).map(({ os }) => os))].sort();
  const choices = [systems, ...systems.map((os) => [os])].map((os) => safe(pairs, os));
  const best = choices.reduce((best, choice) => (weight(choice) > weight(best) ? choice : best), []);
  if (best.length === 0) return null;
  return { os: distinct(best.map(({ os }) => os)), arch: distinct(best.map(({ arch }) => arch)) };
}

/** The eligibleGroups that are left then. */
export function restrict(
  eligibleGroups: readonly EligibleGroup[],
  { os, arch }: PlatformRestriction,
): readonly EligibleGroup[] {
  return eligibleGroups.flatMap(({ group, eligible }) => {
    const left = eligible?.filter((platform) => {
      const labels = labelsOf(platform);
      return (
        labels.os !== null && labels.arch !== null && os.includes(labels.os) && arch.includes(labels.arch)
      );
    });
    return left?.length === 0 ? [] : [{ group, eligible: left ?? null }];
  });
}

interface Pair {
  readonly os: string;
  readonly arch: string;
  readonly nodes: number;
  /** All nodes that are labelled so suit every image. */
  readonly fits: boolean;
}

function pairsOf(
  eligibleGroups: readonly EligibleGroup[],
  missing: ReadonlySet<string>,
): ReadonlyMap<string, Pair> {
  const pairs = new Map<string, Pair>();
  for (const each of eligibleGroups.flatMap(({ eligible }) => eligible ?? [])) {
    const { os, arch } = labelsOf(each);
    // A selector cannot name what is not labelled: such nodes are left out.
    if (os === null || arch === null) continue;
    const key = keyOf(os, arch);
    const before = pairs.get(key);
    pairs.set(key, {
      os,
      arch,
      // Nodes that nobody has seen weigh something.
      nodes: (before?.nodes ?? 0) + (each.nodes?.count || 1),
      fits: before?.fits !== false && !missing.has(formatAll(each.platform)),
    });
  }
  return pairs;
}

/** Those on these systems whose architecture does on each of them. */
function safe(pairs: readonly Pair[], systems: readonly string[]): readonly Pair[] {
  const those = pairs.filter(({ os }) => systems.includes(os));
  const unsafe = new Set(those.filter(({ fits }) => !fits).map(({ arch }) => arch));
  return those.filter(({ arch }) => !unsafe.has(arch));
}

function weight(pairs: readonly Pair[]): number {
  return pairs.reduce((sum, { nodes }) => sum + nodes, 0);
}

function distinct(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)].sort();
}

function keyOf(os: string, arch: string): string {
  return JSON.stringify([os, arch]);
}

function labelsOf({ platform, labels }: EligiblePlatform) {
  return labels ?? { os: platform.os, arch: platform.architecture };
}
