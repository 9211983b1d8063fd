/**
 * Class of a node: its group and its platform. All nodes of one class treat an image in the same way, and
 * thousands of nodes have only a handful of classes.
 */
import { LRUCache } from 'lru-cache';
import type { RuntimeProfile } from '../../../resolve/endpoints/runtime/runtime-profile.ts';
import { platformMatchingOf, profilesOfRuntime } from '../../../resolve/endpoints/runtime/select-profiles.ts';
import { formatAll } from '../../../resolve/platform/format.ts';
import { entry } from '../../../util/unstructured.ts';
import { type EligiblePlatform, eligiblePlatform, type PlatformLabels } from '../fit.ts';
import type { NodeGroup } from '../group.ts';
import type { ClusterNode } from '../node.ts';
import { archLabel, osLabel } from '../scheduling/scheduling-constraints.ts';

export interface NodeClass {
  readonly group: NodeGroup;
  /** Position of the group in the configuration. */
  readonly order: number;
  readonly platform: EligiblePlatform;
}

/**
 * Returns the group as nodes with this runtime see it, because versions read a mirror configuration
 * differently.
 */
export type GroupFor = (group: NodeGroup, runtime: string) => NodeGroup;

/** Returns the class of a node; null if the node is in no group. */
export type NodeClassifier = (node: ClusterNode) => NodeClass | null;

// Limit of cached kinds of nodes. Runtime versions and Windows builds change over time; a cluster has far
// fewer kinds at once.
const maxKinds = 4_096;

/** Returns a classifier. `groups` is in the order in which the groups are matched. */
export function classifyNodes(groups: readonly NodeGroup[], groupFor: GroupFor): NodeClassifier {
  const groupVariants = new LRUCache<string, NodeGroup>({ max: maxKinds });
  const platforms = new LRUCache<string, EligiblePlatform>({ max: maxKinds });
  const classes = new LRUCache<string, NodeClass>({ max: maxKinds });

  const variantOf = (group: NodeGroup, runtime: string): NodeGroup => {
    const variant = groupFor(group, runtime);
    return [group, ...groupVariants.values()].find((other) => areAlike(other, variant)) ?? variant;
  };

  return (node) => {
    const order = groups.findIndex((group) => isInGroup(node, group));
    const group = groups[order];
    if (!group) return null;
    const variantKey = `${order}/${node.runtime}`;
    const variant = once(groupVariants, variantKey, () => variantOf(group, node.runtime));
    const behaviour = behaviourOf(variant, node.runtime);
    const platformKey = JSON.stringify([formatAll(node.platform), behaviour, labelsOf(node)]);
    return once(classes, `${variantKey}/${platformKey}`, () => ({
      order,
      group: variant,
      platform: once(platforms, platformKey, () => platformOf(node, behaviour)),
    }));
  };
}

/**
 * Returns true if two runtimes read the mirrors of a group in the same way; messages then do not distinguish
 * them either.
 */
function areAlike(some: NodeGroup, other: NodeGroup): boolean {
  return some.name === other.name && some.inspector === other.inspector;
}

function isInGroup({ labels }: ClusterNode, { nodeSelector }: NodeGroup): boolean {
  return Object.entries(nodeSelector).every(([key, value]) => entry(labels, key) === value);
}

function once<T extends object>(known: LRUCache<string, T>, key: string, make: () => T): T {
  const before = known.get(key);
  if (before !== undefined) return before;
  const value = make();
  known.set(key, value);
  return value;
}

function platformOf(node: ClusterNode, { matching, imageVolumes }: RuntimeBehaviour): EligiblePlatform {
  return { ...eligiblePlatform(node.platform, matching), labels: labelsOf(node), imageVolumes };
}

function labelsOf({ labels }: ClusterNode): PlatformLabels {
  return { os: entry(labels, osLabel) ?? null, arch: entry(labels, archLabel) ?? null };
}

/** Behaviour of a node's runtime on which the comparison with images depends. */
interface RuntimeBehaviour {
  readonly matching: RuntimeProfile['platformMatching'];
  /** False only if it is certain that the runtime does not mount images as volumes. */
  readonly imageVolumes: boolean;
}

/**
 * The group's configuration may choose another profile than the version does, as containerd's
 * `use_local_image_pull` does.
 */
function behaviourOf({ mirrors }: NodeGroup, runtime: string): RuntimeBehaviour {
  const profiles = profilesOfRuntime(runtime);
  const [configured, ...others] = mirrors.profiles;
  const isCertain = others.length === 0 && configured && productOf(configured) === productOf(profiles[0]);
  return {
    matching: isCertain ? configured.platformMatching : platformMatchingOf(runtime),
    imageVolumes: profiles.some(({ imageVolumes }) => imageVolumes !== false),
  };
}

/** Returns the product of a profile: `containerd` for `containerd-transfer`. */
function productOf(profile: RuntimeProfile | undefined): string | undefined {
  return profile?.name.split('-', 1)[0];
}
