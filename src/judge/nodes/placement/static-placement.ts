/**
 * On which groups of nodes a pod can land, where no cluster shows the nodes.
 *
 * Of a node nothing is known but the platform that the configuration gives it (`kubernetes.io/os`, `kubernetes.io/arch`)
 * and what follows from its group: it has the labels of the group's selector, and it lacks one of each earlier group's,
 * because the first match counts. A pod can land there unless one of these facts contradicts what it asks of labels
 * (`demands.ts`). A label of which nothing is known may have any value: in doubt the pod can land there.
 */
import { fields } from '../../../util/unstructured.ts';
import type { Workload } from '../../workload/workload.ts';
import {
  admits,
  archLabel,
  requirementsOf,
  allowsOtherValues,
  osLabel,
} from '../scheduling/scheduling-constraints.ts';
import type { EligiblePlatform } from '../fit.ts';
import type { EligibleGroup, NodeGroup } from '../group.ts';
import type { NodeSelectorRequirements } from '../scheduling/requirement.ts';

/** Empty: no node suits the pod. */
export type Placement = (workload: Pick<Workload, 'pod'>) => readonly EligibleGroup[];

type Labels = ReadonlyMap<string, string>;

/** A group, and labels that some of its nodes have for certain. */
interface Stand {
  readonly group: NodeGroup;
  /** null: nothing is known of it. */
  readonly platform: EligiblePlatform | null;
  readonly labels: Labels;
  readonly earlier: readonly Labels[];
}

/** `groups`: in the order in which they are matched, at last the nodes of no group. `platforms`: of the nodes; null: any. */
export function createStaticPlacement(
  groups: readonly NodeGroup[],
  platforms: readonly EligiblePlatform[] | null,
): Placement {
  const stands = groups.flatMap((group, index) => standsOf(group, groups.slice(0, index), platforms));
  const everywhere = eligibleGroups(groups, stands, [[]]);
  return ({ pod }) => {
    const demands = requirementsOf(fields(pod['spec']));
    return demands === null ? everywhere : eligibleGroups(groups, stands, demands);
  };
}

/** One per platform that the group's selector allows. */
function standsOf(
  group: NodeGroup,
  before: readonly NodeGroup[],
  platforms: readonly EligiblePlatform[] | null,
): readonly Stand[] {
  const own = new Map(Object.entries(group.nodeSelector));
  const earlier = before.map(({ nodeSelector }) => new Map(Object.entries(nodeSelector)));
  return (platforms ?? [null]).flatMap((platform) => {
    const given = labelsOf(platform);
    const contradicted = [...given].some(([key, value]) => (own.get(key) ?? value) !== value);
    return contradicted ? [] : [{ group, platform, labels: new Map([...own, ...given]), earlier }];
  });
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
  stands: readonly Stand[],
  demands: readonly NodeSelectorRequirements[],
): readonly EligibleGroup[] {
  const suited = stands.filter((stand) => demands.some((demand) => suits(stand, demand)));
  return groups.flatMap((group) => {
    const own = suited.filter((stand) => stand.group === group);
    if (own.length === 0) return [];
    const platforms = own.flatMap(({ platform }) => platform ?? []);
    return [{ group, eligible: platforms.length === 0 ? null : platforms }];
  });
}

function suits({ labels, earlier }: Stand, demand: NodeSelectorRequirements): boolean {
  return [...labels].every(([key, value]) => admits(demand, key, value)) && isBeyond(earlier, labels, demand);
}

/** Can a node with these labels that meets the demand be in none of the earlier groups? */
function isBeyond(earlier: readonly Labels[], labels: Labels, demand: NodeSelectorRequirements): boolean {
  const ruledOut = new Map<string, Set<string>>();
  for (const selector of earlier) {
    if ([...selector].some(([key, value]) => (labels.get(key) ?? value) !== value)) continue;
    const open = [...selector].filter(
      ([key, value]) => !labels.has(key) && allowsOtherValues(demand, key, new Set([value])),
    );
    const [first, second] = open;
    if (!first) return false;
    // Where one label alone can keep a node out, the values add up; with two the node has a choice.
    if (!second) ruledOut.set(first[0], new Set([...(ruledOut.get(first[0]) ?? []), first[1]]));
  }
  return [...ruledOut].every(([key, values]) => allowsOtherValues(demand, key, values));
}
