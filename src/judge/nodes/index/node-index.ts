/** Every node in its berth, so that thousands of them are gone through quickly. Which of them are eligible, `eligible.ts` says. */
import type { Berth, Berths } from './node-class.ts';
import type { Eligibility } from '../scheduling/eligible.ts';
import { type Counts, count } from './eligible-groups.ts';
import type { ClusterNode, ClusterNodes } from '../node.ts';

interface Stand {
  /** Without the images that it holds: those change while this stays. */
  readonly node: ClusterNode;
  readonly berth: Berth;
}

export interface Stands {
  /** Sees what has changed of the nodes. */
  readonly renew: () => void;
  /** The eligible ones. */
  readonly count: (eligible: Eligibility) => Counts;
}

/** `coming`: nodes that may come, without a name. */
export function standsOf(nodes: ClusterNodes, coming: readonly ClusterNode[], berthOf: Berths): Stands {
  // A node that changes is another object.
  const known = new WeakMap<ClusterNode, readonly Stand[]>();
  let all: readonly Stand[] = [];

  const standOf = (node: ClusterNode): readonly Stand[] => {
    const before = known.get(node);
    if (before) return before;
    const berth = berthOf(node);
    const stand = berth ? [{ node: { ...node, images: [] }, berth }] : [];
    known.set(node, stand);
    return stand;
  };

  const named = (name: string): readonly Stand[] => {
    const node = nodes.get(name);
    return node ? standOf(node) : [];
  };

  return {
    renew() {
      all = [...nodes.values(), ...coming].flatMap(standOf);
    },
    count({ names, admits }) {
      const counts: Counts = new Map();
      for (const { node, berth } of names ? [...names].flatMap(named) : all) {
        if (admits(node)) count(counts, berth, node.name === '' ? null : node.name);
      }
      return counts;
    },
  };
}
