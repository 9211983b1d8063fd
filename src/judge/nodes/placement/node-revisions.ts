/**
 * Revision numbers of the nodes: nodes report every few seconds, and hardly any report changes what matters
 * to a pod.
 */
import type { ClusterNode, ClusterNodes } from '../node.ts';

export interface NodeRevisions {
  /** Grows when a node is added or removed, or when a change affects which pods can run there. */
  readonly scheduling: number;
  /** Grows with `scheduling`, and when the images that nodes have change. */
  readonly images: number;
}

/** Returns a function that compares the nodes only if their version has changed. */
export function nodeRevisions(nodes: ClusterNodes): () => NodeRevisions {
  let version: number | null = null;
  let known = new Map<string, ClusterNode>();
  let revisions: NodeRevisions = { scheduling: 0, images: 0 };
  return () => {
    if (version === nodes.version) return revisions;
    version = nodes.version;
    const { scheduling, images, seen } = update(known, nodes);
    const isRemoved = seen < known.size;
    if (isRemoved) known = new Map([...nodes.values()].map((node) => [node.name, node]));
    revisions = {
      scheduling: revisions.scheduling + Number(scheduling || isRemoved),
      images: revisions.images + Number(scheduling || isRemoved || images),
    };
    return revisions;
  };
}

/** Stores new and changed nodes in `known`. Removed nodes stay there. */
function update(known: Map<string, ClusterNode>, nodes: ClusterNodes) {
  let [scheduling, images, seen] = [false, false, 0];
  for (const node of nodes.values()) {
    seen++;
    const before = known.get(node.name);
    if (before === node) continue;
    known.set(node.name, node);
    if (!before || schedulingOf(before) !== schedulingOf(node)) scheduling = true;
    else images ||= !areEqual(before.images, node.images);
  }
  return { scheduling, images, seen };
}

function schedulingOf({ labels, taints, platform, runtime }: ClusterNode): string {
  return JSON.stringify([labels, taints, platform, runtime]);
}

function areEqual(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((name, index) => name === others[index]);
}
