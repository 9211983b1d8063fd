/** Nodes that a pod can land on, put together: by group, and there by platform. */
import { formatAll } from '../../../resolve/platform/format.ts';
import type { NodeClass } from './node-class.ts';
import type { EligiblePlatform, NodeCount } from '../fit.ts';
import type { EligibleGroup, NodeGroup } from '../group.ts';

/** Thousands of nodes have a handful of nodeClass. */
export type NodeClassCounts = Map<NodeClass, NodeCount>;

const none: NodeCount = { count: 0, example: '' };

/** One node more; `name` null: one that may come. */
export function addNode(counts: NodeClassCounts, nodeClass: NodeClass, name: string | null): void {
  const one = name === null ? none : { count: 1, example: name };
  counts.set(nodeClass, sum(counts.get(nodeClass) ?? none, one));
}

/** In an order that does not depend on that of the nodes: every replica uses the same words. */
export function collectEligibleGroups(counts: NodeClassCounts): readonly EligibleGroup[] {
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
