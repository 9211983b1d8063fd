/** Where a node stands among others: its group and its platform, shared by all nodes that are alike. */
import { formatAll } from '../../../resolve/platform/format.ts';
import { parseVersion } from '../../../resolve/endpoints/containerd/version.ts';
import { isAtLeast } from '../../../resolve/endpoints/runtime/runtime-version.ts';
import { entry } from '../../../util/unstructured.ts';
import { archLabel, osLabel } from '../scheduling/scheduling-constraints.ts';
import { type EligiblePlatform, eligiblePlatform, type PlatformLabels } from '../fit.ts';
import type { NodeGroup } from '../group.ts';
import type { ClusterNode } from '../node.ts';

export interface NodeClass {
  readonly group: NodeGroup;
  /** Place of the group among all. */
  readonly order: number;
  readonly platform: EligiblePlatform;
}

/** What nodes of a group with this runtime ask by: a mirror configuration may be read otherwise by another version. */
export type GroupFor = (group: NodeGroup, runtime: string) => NodeGroup;

/** The nodeClass of a node; null: it is in no group. */
export type NodeClassifier = (node: ClusterNode) => NodeClass | null;

// Versions of runtimes and builds of Windows come and go; beyond any cluster's variety all is forgotten.
const maxKinds = 4_096;

/** `groups`: in the order in which they are matched. */
export function classifyNodes(groups: readonly NodeGroup[], groupFor: GroupFor): NodeClassifier {
  const resolved = new Map<string, NodeGroup>();
  const platforms = new Map<string, EligiblePlatform>();
  const nodeClass = new Map<string, NodeClass>();

  return (node) => {
    if (nodeClass.size > maxKinds) for (const known of [resolved, platforms, nodeClass]) known.clear();
    const order = groups.findIndex((group) => isOf(node, group));
    const group = groups[order];
    if (!group) return null;
    const [at, of] = [`${order}/${node.runtime}`, keyOf(node)];
    return once(nodeClass, `${at}/${of}`, () => ({
      order,
      group: once(resolved, at, () => {
        const those = [group, ...resolved.values()];
        const found = groupFor(group, node.runtime);
        return those.find((other) => readAlike(other, found)) ?? found;
      }),
      platform: once(platforms, of, () => platformOf(node)),
    }));
  };
}

/** Runtimes that make no difference to the mirrors of a group make none to the words either. */
function readAlike(some: NodeGroup, other: NodeGroup): boolean {
  return some.name === other.name && some.inspector === other.inspector;
}

function isOf({ labels }: ClusterNode, { nodeSelector }: NodeGroup): boolean {
  return Object.entries(nodeSelector).every(([key, value]) => entry(labels, key) === value);
}

function once<T>(known: Map<string, T>, key: string, make: () => T): T {
  const before = known.get(key);
  if (before !== undefined) return before;
  const made = make();
  known.set(key, made);
  return made;
}

function keyOf(node: ClusterNode): string {
  const { os, arch } = labelsOf(node);
  return JSON.stringify([formatAll(node.platform), matchingOf(node.runtime), os, arch]);
}

function platformOf(node: ClusterNode): EligiblePlatform {
  return { ...eligiblePlatform(node.platform, matchingOf(node.runtime)), labels: labelsOf(node) };
}

function labelsOf({ labels }: ClusterNode): PlatformLabels {
  return { os: entry(labels, osLabel) ?? null, arch: entry(labels, archLabel) ?? null };
}

/** Since 2.1 containerd's transfer service pulls, which is strict. Of other runtimes, and of none, nobody knows that they are. */
function matchingOf(runtime: string): 'strict' | 'compat' {
  return runtime.startsWith('containerd://') && isAtLeast(parseVersion(runtime), 2, 1) ? 'strict' : 'compat';
}
