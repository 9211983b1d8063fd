/** Nodes that a pod can land on, put together: by group, and there by platform. */
import { formatAll } from '../../resolve/platform/format.ts';
import type { Berth } from './berths.ts';
import type { EligiblePlatform, NodeCount } from './fit.ts';
import type { Landing, NodeGroup } from './group.ts';

/** A berth and the name of the node there; null: of a node that may come. */
export type Stay = readonly [berth: Berth, name: string | null];

export interface Gathered {
  readonly landings: readonly Landing[];
  /** How many there are; those that may come are not counted. */
  readonly nodes: number;
}

interface Gathering {
  readonly order: number;
  readonly platforms: Map<EligiblePlatform, NodeCount | null>;
}

/** In an order that does not depend on that of the nodes: every replica uses the same words. */
export function gather(stays: Iterable<Stay>): Gathered {
  const groups = new Map<NodeGroup, Gathering>();
  let nodes = 0;
  for (const [{ group, order, platform }, name] of stays) {
    const { platforms } = groups.get(group) ?? added(groups, group, order);
    platforms.set(platform, counted(platforms.get(platform) ?? null, name));
    if (name !== null) nodes++;
  }
  const landings = [...groups]
    .sort(([a, one], [b, other]) => one.order - other.order || compare(a.mirrors.id, b.mirrors.id))
    .map(([group, { platforms }]) => ({ group, eligible: eligibleOf(platforms) }));
  return { landings, nodes };
}

function added(groups: Map<NodeGroup, Gathering>, group: NodeGroup, order: number): Gathering {
  const gathering: Gathering = { order, platforms: new Map() };
  groups.set(group, gathering);
  return gathering;
}

function counted(before: NodeCount | null, name: string | null): NodeCount | null {
  if (name === null) return before;
  if (!before) return { count: 1, example: name };
  return { count: before.count + 1, example: name < before.example ? name : before.example };
}

function eligibleOf(platforms: ReadonlyMap<EligiblePlatform, NodeCount | null>): readonly EligiblePlatform[] {
  return [...platforms]
    .map(([platform, nodes]) => (nodes ? { ...platform, nodes } : platform))
    .map((platform) => ({ platform, text: formatAll(platform.platform) }))
    .sort((a, b) => compare(a.text, b.text))
    .map(({ platform }) => platform);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
