/** Class of a node: its group and its platform. All nodes of one class treat an image alike, and thousands of nodes have a handful of classes. */
import { LRUCache } from 'lru-cache';
import { isAtLeast, parseRuntimeVersion } from '../../../resolve/endpoints/runtime/runtime-version.ts';
import { parseContainerdVersion } from '../../../resolve/endpoints/runtime/containerd-version.ts';
import { platformMatchingOf } from '../../../resolve/endpoints/runtime/select-profiles.ts';
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

/** Returns the group as nodes with this runtime see it: versions read a mirror configuration differently. */
export type GroupFor = (group: NodeGroup, runtime: string) => NodeGroup;

/** Returns the class of a node; null if it is in no group. */
export type NodeClassifier = (node: ClusterNode) => NodeClass | null;

// Runtime versions and builds of Windows change over time; a cluster has far fewer kinds at once.
const maxKinds = 4_096;

/** Makes a classifier. `groups` is in the order in which they are matched. */
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
    const [variantKey, platformKey] = [`${order}/${node.runtime}`, platformKeyOf(node)];
    return once(classes, `${variantKey}/${platformKey}`, () => ({
      order,
      group: once(groupVariants, variantKey, () => variantOf(group, node.runtime)),
      platform: once(platforms, platformKey, () => platformOf(node)),
    }));
  };
}

/** Runtimes that read the mirrors of a group alike are not told apart in messages either. */
function areAlike(some: NodeGroup, other: NodeGroup): boolean {
  return some.name === other.name && some.inspector === other.inspector;
}

function isInGroup({ labels }: ClusterNode, { nodeSelector }: NodeGroup): boolean {
  return Object.entries(nodeSelector).every(([key, value]) => entry(labels, key) === value);
}

function once<T extends object>(known: LRUCache<string, T>, key: string, make: () => T): T {
  const before = known.get(key);
  if (before !== undefined) return before;
  const made = make();
  known.set(key, made);
  return made;
}

function platformKeyOf(node: ClusterNode): string {
  const { os, arch } = labelsOf(node);
  const { runtime } = node;
  return JSON.stringify([
    formatAll(node.platform),
    platformMatchingOf(runtime),
    imageVolumesOf(runtime),
    os,
    arch,
  ]);
}

function platformOf(node: ClusterNode): EligiblePlatform {
  const { platform, runtime } = node;
  return {
    ...eligiblePlatform(platform, platformMatchingOf(runtime)),
    labels: labelsOf(node),
    imageVolumes: imageVolumesOf(runtime),
  };
}

function labelsOf({ labels }: ClusterNode): PlatformLabels {
  return { os: entry(labels, osLabel) ?? null, arch: entry(labels, archLabel) ?? null };
}

/** containerd mounts images since 2.1, CRI-O since 1.31; null for other runtimes and unknown versions. */
function imageVolumesOf(runtime: string): boolean | null {
  if (runtime.startsWith('containerd://')) return isAtLeast(parseContainerdVersion(runtime), 2, 1);
  const version = runtime.startsWith('cri-o://') ? parseRuntimeVersion(runtime) : null;
  return version && isAtLeast(version, 1, 31);
}
