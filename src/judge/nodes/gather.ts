/** Nodes that a pod can land on, put together: by group, and there by platform. */
import { formatAll } from '../../resolve/platform/format.ts';
import type { Berth } from './berths.ts';
import type { EligiblePlatform, NodeCount } from './fit.ts';
import type { Landing, NodeGroup } from './group.ts';

/** Thousands of nodes have a handful of berths. null: only nodes that may come. */
export type Counts = Map<Berth, NodeCount | null>;

/** One node more; `name` null: one that may come. */
export function count(counts: Counts, berth: Berth, name: string | null): void {
  const before = counts.get(berth) ?? null;
  if (name === null) counts.set(berth, before);
  else if (!before) counts.set(berth, { count: 1, example: name });
  else counts.set(berth, { count: before.count + 1, example: name < before.example ? name : before.example });
}

/** In an order that does not depend on that of the nodes: every replica uses the same words. */
export function landingsOf(counts: Counts): readonly Landing[] {
  const groups = new Map<NodeGroup, Map<EligiblePlatform, NodeCount | null>>();
  const inOrder = [...counts].sort(
    ([a], [b]) =>
      a.order - b.order ||
      compare(a.group.mirrors.id, b.group.mirrors.id) ||
      compare(formatAll(a.platform.platform), formatAll(b.platform.platform)),
  );
  for (const [{ group, platform }, nodes] of inOrder) {
    const platforms = groups.get(group) ?? new Map<EligiblePlatform, NodeCount | null>();
    groups.set(group, platforms.set(platform, sum(platforms.get(platform) ?? null, nodes)));
  }
  return [...groups].map(([group, platforms]) => ({
    group,
    eligible: [...platforms].map(([platform, nodes]) => (nodes ? { ...platform, nodes } : platform)),
  }));
}

/** Of runtimes that make no difference. */
function sum(some: NodeCount | null, others: NodeCount | null): NodeCount | null {
  if (!some || !others) return some ?? others;
  const example = some.example < others.example ? some.example : others.example;
  return { count: some.count + others.count, example };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
