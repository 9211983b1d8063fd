/** Does an eligible node hold an image? Remembered while the nodes' images stay as they are: in an outage many pods ask the same. */
import { canonical } from '../../../resolve/reference/format.ts';
import type { Reference } from '../../../resolve/reference/reference.ts';
import type { Eligibility } from '../scheduling/eligible.ts';
import { equivalentNames } from './equivalent-names.ts';
import { memo } from '../placement/memo.ts';
import type { ClusterNode, ClusterNodes } from '../node.ts';

const maxImages = 64;

/** `epoch` changes with the images that nodes hold. */
export function nodeHasImage(
  nodes: ClusterNodes,
  eligible: Eligibility,
  epoch: () => number,
): (reference: Reference) => boolean {
  const known = memo<boolean>(maxImages);
  let since = epoch();
  return (reference) => {
    const now = epoch();
    if (now !== since) known.clear();
    since = now;
    const key = canonical(reference);
    const before = known.get(key);
    if (before !== undefined) return before;
    const held = isHeld(nodes, eligible, reference);
    known.set(key, held);
    return held;
  };
}

function isHeld(nodes: ClusterNodes, { names, admits }: Eligibility, reference: Reference): boolean {
  const isAmong = equivalentNames(reference);
  const isHolder = (node: ClusterNode | undefined): boolean =>
    node !== undefined && isAmong(node.images) && admits(node);
  if (names) return [...names].some((name) => isHolder(nodes.get(name)));
  for (const node of nodes.values()) if (isHolder(node)) return true;
  return false;
}
