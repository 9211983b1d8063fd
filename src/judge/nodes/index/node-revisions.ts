/** What has changed among the nodes since somebody last looked: nodes report all the time, and hardly ever anything that moves a pod. */
import type { ClusterNode, ClusterNodes } from '../node.ts';

export interface NodeRevisions {
  /** Grows when a node comes, goes, or changes in what decides who lands there. */
  readonly scheduling: number;
  /** Grows when that or the images that nodes hold change. */
  readonly images: number;
}

/** Looks through the nodes only where their version has changed. */
export function nodeRevisions(nodes: ClusterNodes): () => NodeRevisions {
  let version: number | null = null;
  let known = new Map<string, ClusterNode>();
  let epochs: NodeRevisions = { scheduling: 0, images: 0 };
  return () => {
    if (version === nodes.version) return epochs;
    version = nodes.version;
    const { layout, images, seen } = update(known, nodes);
    const gone = seen < known.size;
    if (gone) known = new Map([...nodes.values()].map((node) => [node.name, node]));
    epochs = {
      scheduling: epochs.scheduling + Number(layout || gone),
      images: epochs.images + Number(layout || gone || images),
    };
    return epochs;
  };
}

/** Puts what is new into `known`; nodes that have gone stay there. */
function update(known: Map<string, ClusterNode>, nodes: ClusterNodes) {
  let [layout, images, seen] = [false, false, 0];
  for (const node of nodes.values()) {
    seen++;
    const before = known.get(node.name);
    if (before === node) continue;
    known.set(node.name, node);
    if (!before || layoutOf(before) !== layoutOf(node)) layout = true;
    else images ||= !areEqual(before.images, node.images);
  }
  return { layout, images, seen };
}

function layoutOf({ labels, taints, platform, runtime }: ClusterNode): string {
  return JSON.stringify([labels, taints, platform, runtime]);
}

function areEqual(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((name, index) => name === others[index]);
}
