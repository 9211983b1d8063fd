/**
 * Eligible nodes of a pod without a live cluster, derived from the configuration.
 *
 * Two facts are known of a node: the platform that the configuration gives it (`kubernetes.io/os`,
 * `kubernetes.io/arch`), and its group. It has the labels of its group's selector, and it lacks one label of each
 * earlier group's selector, because the first match counts. A pod can be scheduled there unless one of these facts
 * contradicts its constraints. Any other label may have any value: in doubt the node is eligible.
 */
import { commonPlatformMatching } from '../../../resolve/endpoints/runtime/select-profiles.ts';
import type { Platform } from '../../../resolve/platform/platform.ts';
import { fields } from '../../../util/unstructured.ts';
import type { Workload } from '../../workload/workload.ts';
import { type EligiblePlatform, eligiblePlatform } from '../fit.ts';
import type { EligibleGroup, NodeGroup } from '../group.ts';
import type { NodeSelectorRequirements } from '../scheduling/requirement.ts';
import {
  admits,
  allowsOtherValues,
  archLabel,
  osLabel,
  requirementsOf,
} from '../scheduling/scheduling-constraints.ts';

/** Returns the eligible nodes of a workload's pods; empty if no node is eligible. */
export type Placement = (workload: Pick<Workload, 'pod'>) => readonly EligibleGroup[];

type Labels = ReadonlyMap<string, string>;

/** Nodes of one group and platform. */
interface KnownNodes {
  readonly group: NodeGroup;
  /** null if the configuration names no platform. */
  readonly platform: EligiblePlatform | null;
  readonly labels: Labels;
  /** Selectors of the groups that are matched before this one. */
  readonly earlier: readonly Labels[];
}

/** Returns the platforms of `platforms.required`, one node each; null if it is empty, which means any platform. */
export function configuredPlatforms(required: readonly Platform[]): readonly EligiblePlatform[] | null {
  // Without nodes no runtime is known, so `auto` is strict, as in containerd since 2.1.
  return required.length === 0 ? null : required.map((platform) => eligiblePlatform(platform, 'strict'));
}

/**
 * Returns a placement. `groups` is in the order in which they are matched, with the default group last. If
 * `platforms` is null, any platform is accepted.
 */
export function createStaticPlacement(
  groups: readonly NodeGroup[],
  platforms: readonly EligiblePlatform[] | null,
): Placement {
  const nodes = groups.flatMap((group, index) => nodesOf(group, groups.slice(0, index), platforms));
  const everywhere = eligibleGroups(groups, nodes, [[]]);
  return ({ pod }) => {
    const alternatives = requirementsOf(fields(pod['spec']));
    return alternatives === null ? everywhere : eligibleGroups(groups, nodes, alternatives);
  };
}

/** Returns one entry for each platform that the group's selector allows. */
function nodesOf(
  group: NodeGroup,
  before: readonly NodeGroup[],
  platforms: readonly EligiblePlatform[] | null,
): readonly KnownNodes[] {
  const own = new Map(Object.entries(group.nodeSelector));
  const earlier = before.map(({ nodeSelector }) => new Map(Object.entries(nodeSelector)));
  return (platforms ?? [null]).flatMap((platform) => {
    const given = labelsOf(platform);
    const isContradicted = [...given].some(([key, value]) => (own.get(key) ?? value) !== value);
    if (isContradicted) return [];
    const matched = platform && withMatchingOf(group, platform);
    return [{ group, platform: matched, labels: new Map([...own, ...given]), earlier }];
  });
}

/** Compares platforms as the group's runtimes do, if their configuration decides it. */
function withMatchingOf({ mirrors }: NodeGroup, eligible: EligiblePlatform): EligiblePlatform {
  return { ...eligible, ...eligiblePlatform(eligible.platform, commonPlatformMatching(mirrors.profiles)) };
}

function labelsOf(platform: EligiblePlatform | null): Labels {
  if (platform === null) return new Map();
  const { os, architecture } = platform.platform;
  return new Map([
    [osLabel, os],
    [archLabel, architecture],
  ]);
}

function eligibleGroups(
  groups: readonly NodeGroup[],
  nodes: readonly KnownNodes[],
  alternatives: readonly NodeSelectorRequirements[],
): readonly EligibleGroup[] {
  const eligible = nodes.filter((each) => alternatives.some((requirements) => canMeet(each, requirements)));
  return groups.flatMap((group) => {
    const own = eligible.filter((each) => each.group === group);
    if (own.length === 0) return [];
    const platforms = own.flatMap(({ platform }) => platform ?? []);
    return [{ group, eligible: platforms.length === 0 ? null : platforms }];
  });
}

function canMeet({ labels, earlier }: KnownNodes, requirements: NodeSelectorRequirements): boolean {
  if (![...labels].every(([key, value]) => admits(requirements, key, value))) return false;
  return canAvoid(earlier, labels, requirements);
}

/** Returns true if a node with these labels that meets the requirements can be outside all earlier groups. */
function canAvoid(
  earlier: readonly Labels[],
  labels: Labels,
  requirements: NodeSelectorRequirements,
): boolean {
  const excluded = new Map<string, Set<string>>();
  for (const selector of earlier) {
    if ([...selector].some(([key, value]) => (labels.get(key) ?? value) !== value)) continue;
    const open = [...selector].filter(
      ([key, value]) => !labels.has(key) && allowsOtherValues(requirements, key, new Set([value])),
    );
    const [first, second] = open;
    if (!first) return false;
    // If one label alone can keep the node out of a group, its values add up. With two labels, either can
    // keep the node out.
    if (!second) excluded.set(first[0], new Set([...(excluded.get(first[0]) ?? []), first[1]]));
  }
  return [...excluded].every(([key, values]) => allowsOtherValues(requirements, key, values));
}
