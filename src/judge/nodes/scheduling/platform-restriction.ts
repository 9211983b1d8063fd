/**
 * Restriction of a pod to those of its eligible nodes on which all of its images run, expressed as values of
 * two node labels.
 */
import { formatAll } from '../../../resolve/platform/format.ts';
import type { EligiblePlatform } from '../fit.ts';
import type { EligibleGroup } from '../group.ts';

/** Allowed values of `kubernetes.io/os` and `kubernetes.io/arch`; every combination of them is allowed. */
export interface PlatformRestriction {
  readonly os: readonly string[];
  readonly arch: readonly string[];
}

/**
 * Finds the restriction. Returns null if no choice of labels excludes every node that lacks an image's
 * platform. `missing` has the platforms that some image lacks, formatted by `formatAll`. Two lists of values
 * cannot express "linux/arm64 or windows/amd64, nothing else"; in such a case the choice with the most nodes
 * wins.
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

/** Returns the nodes that the restriction allows. */
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

interface LabelPair {
  readonly os: string;
  readonly arch: string;
  readonly nodes: number;
  /** True if every image runs on all nodes with these labels. */
  readonly fits: boolean;
}

function pairsOf(
  eligibleGroups: readonly EligibleGroup[],
  missing: ReadonlySet<string>,
): ReadonlyMap<string, LabelPair> {
  const pairs = new Map<string, LabelPair>();
  for (const each of eligibleGroups.flatMap(({ eligible }) => eligible ?? [])) {
    const { os, arch } = labelsOf(each);
    // A node without these labels cannot be selected by them.
    if (os === null || arch === null) continue;
    const key = JSON.stringify([os, arch]);
    const before = pairs.get(key);
    pairs.set(key, {
      os,
      arch,
      // A node that the cluster may add counts as one.
      nodes: (before?.nodes ?? 0) + (each.nodes?.count || 1),
      fits: before?.fits !== false && !missing.has(formatAll(each.platform)),
    });
  }
  return pairs;
}

/** Returns the pairs on these systems whose architecture works on each of the systems. */
function safe(pairs: readonly LabelPair[], systems: readonly string[]): readonly LabelPair[] {
  const selected = pairs.filter(({ os }) => systems.includes(os));
  const unsafe = new Set(selected.filter(({ fits }) => !fits).map(({ arch }) => arch));
  return selected.filter(({ arch }) => !unsafe.has(arch));
}

function weight(pairs: readonly LabelPair[]): number {
  return pairs.reduce((sum, { nodes }) => sum + nodes, 0);
}

function distinct(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)].sort();
}

function labelsOf({ platform, labels }: EligiblePlatform) {
  return labels ?? { os: platform.os, arch: platform.architecture };
}
