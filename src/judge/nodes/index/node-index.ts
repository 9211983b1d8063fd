/** Every node in its nodeClass, so that thousands of them are gone through quickly. Which of them are eligible, `eligible.ts` says. */
import type { NodeClass, NodeClassifier } from './node-class.ts';
import type { Eligibility } from '../scheduling/eligible.ts';
import { type NodeClassCounts, addNode } from './eligible-groups.ts';
import type { ClusterNode, ClusterNodes } from '../node.ts';

interface Stand {
  /** Without the images that it holds: those change while this stays. */
  readonly node: ClusterNode;
  readonly nodeClass: NodeClass;
}

export interface NodeIndex {
  /** Sees what has changed of the nodes. */
  readonly refresh: () => void;
  /** The eligible ones. */
  readonly countEligible: (eligible: Eligibility) => NodeClassCounts;
}

/** `coming`: nodes that may come, without a name. */
export function createNodeIndex(
  nodes: ClusterNodes,
  coming: readonly ClusterNode[],
  berthOf: NodeClassifier,
): NodeIndex {
  // A node that changes is another object.
  const known = new WeakMap<ClusterNode, readonly Stand[]>();
  let all: readonly Stand[] = [];

  const standOf = (node: ClusterNode): readonly Stand[] => {
    const before = known.get(node);
    if (before) return before;
    const nodeClass = berthOf(node);
    const stand = nodeClass ? [{ node: { ...node, images: [] }, nodeClass }] : [];
    known.set(node, stand);
    return stand;
  };

  const named = (name: string): readonly Stand[] => {
    const node = nodes.get(name);
    return node ? standOf(node) : [];
  };

  return {
    refresh() {
      all = [...nodes.values(), ...coming].flatMap(standOf);
    },
    countEligible({ names, admits }) {
      const counts: NodeClassCounts = new Map();
      for (const { node, nodeClass } of names ? [...names].flatMap(named) : all) {
        if (admits(node)) addNode(counts, nodeClass, node.name === '' ? null : node.name);
      }
      return counts;
    },
  };
}
