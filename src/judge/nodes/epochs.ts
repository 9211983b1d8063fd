/** What has changed among the nodes since somebody last looked: nodes report all the time, and hardly ever anything that moves a pod. */
import type { ClusterNode, ClusterNodes } from './node.ts';

export interface Epochs {
  /** Grows when a node comes, goes, or changes in what decides who lands there. */
  readonly layout: number;
  /** Grows when that or the images that nodes hold change. */
  readonly images: number;
}

/** Looks through the nodes only where their version has changed. */
export function epochsOf(nodes: ClusterNodes): () => Epochs {
  let version: number | null = null;
  let known: ReadonlyMap<string, ClusterNode> = new Map();
  let epochs: Epochs = { layout: 0, images: 0 };
  return () => {
    if (version === nodes.version) return epochs;
    version = nodes.version;
    const now = new Map<string, ClusterNode>();
    for (const node of nodes.values()) now.set(node.name, node);
    const { layout, images } = difference(known, now);
    epochs = { layout: epochs.layout + Number(layout), images: epochs.images + Number(layout || images) };
    known = now;
    return epochs;
  };
}

type Nodes = ReadonlyMap<string, ClusterNode>;

function difference(before: Nodes, after: Nodes): { readonly layout: boolean; readonly images: boolean } {
  if (before.size !== after.size) return { layout: true, images: true };
  let images = false;
  for (const [name, node] of after) {
    const old = before.get(name);
    if (old === node) continue;
    if (!old || layoutOf(old) !== layoutOf(node)) return { layout: true, images: true };
    images ||= !areEqual(old.images, node.images);
  }
  return { layout: false, images };
}

function layoutOf({ labels, taints, platform, runtime }: ClusterNode): string {
  return JSON.stringify([labels, taints, platform, runtime]);
}

function areEqual(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((name, index) => name === others[index]);
}
