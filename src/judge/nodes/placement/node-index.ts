/**
 * Index of nodes by class (node group and platform), so that a pod with 5,000 eligible nodes is judged for a
 * handful of classes.
 */
import { formatAll } from '../../../resolve/platform/format.ts';
import type { EligiblePlatform, NodeCount } from '../fit.ts';
import type { EligibleGroup, NodeGroup } from '../group.ts';
import type { ClusterNode, ClusterNodes } from '../node.ts';
import type { Eligibility } from '../scheduling/eligible.ts';
import type { NodeClass, NodeClassifier } from './node-class.ts';

export interface NodeIndex {
  /** Reads the nodes again. */
  readonly refresh: () => void;
  /** Returns the eligible nodes by group and platform, in an order that is the same on every replica. */
  readonly eligibleGroups: (eligible: Eligibility) => readonly EligibleGroup[];
}

interface IndexedNode {
  /** The node without the images that it has: they change while the entry stays. */
  readonly node: ClusterNode;
  readonly nodeClass: NodeClass;
}

type NodeClassCounts = Map<NodeClass, NodeCount>;

/** Creates the index. `additional` lists nodes without a name that the cluster may add. */
export function createNodeIndex(
  nodes: ClusterNodes,
  additional: readonly ClusterNode[],
  classify: NodeClassifier,
): NodeIndex {
  // A changed node is a new object, so an entry never becomes outdated.
  const known = new WeakMap<ClusterNode, readonly IndexedNode[]>();
  let all: readonly IndexedNode[] = [];

  const indexed = (node: ClusterNode): readonly IndexedNode[] => {
    const before = known.get(node);
    if (before) return before;
    const nodeClass = classify(node);
    const entries = nodeClass ? [{ node: { ...node, images: [] }, nodeClass }] : [];
    known.set(node, entries);
    return entries;
  };

  const named = (name: string): readonly IndexedNode[] => {
    const node = nodes.get(name);
    return node ? indexed(node) : [];
  };

  return {
    refresh() {
      all = [...nodes.values(), ...additional].flatMap(indexed);
    },
    eligibleGroups({ names, admits }) {
      const counts: NodeClassCounts = new Map();
      for (const { node, nodeClass } of names ? [...names].flatMap(named) : all) {
        if (admits(node)) addNode(counts, nodeClass, node.name);
      }
      return groupsOf(counts);
    },
  };
}

const none: NodeCount = { count: 0, example: '' };

/** A node that the cluster may add has no name and is not counted. */
function addNode(counts: NodeClassCounts, nodeClass: NodeClass, name: string): void {
  const one = name === '' ? none : { count: 1, example: name };
  counts.set(nodeClass, sum(counts.get(nodeClass) ?? none, one));
}

function groupsOf(counts: NodeClassCounts): readonly EligibleGroup[] {
  const groups = new Map<NodeGroup, Map<EligiblePlatform, NodeCount>>();
  const inOrder = [...counts].sort(
    ([a], [b]) =>
      a.order - b.order ||
      compare(a.group.mirrors.id, b.group.mirrors.id) ||
      compare(formatAll(a.platform.platform), formatAll(b.platform.platform)),
  );
  for (const [{ group, platform }, nodes] of inOrder) {
    const platforms = groups.get(group) ?? new Map<EligiblePlatform, NodeCount>();
    groups.set(group, platforms.set(platform, sum(platforms.get(platform) ?? none, nodes)));
  }
  return [...groups].map(([group, platforms]) => ({
    group,
    eligible: [...platforms].map(([platform, nodes]) => ({ ...platform, nodes })),
  }));
}

function sum(some: NodeCount, others: NodeCount): NodeCount {
  if (some.count === 0 || others.count === 0) return some.count === 0 ? others : some;
  const example = some.example < others.example ? some.example : others.example;
  return { count: some.count + others.count, example };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
