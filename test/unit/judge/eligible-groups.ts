/** Nodes that a pod can land on, whose images scripted inspectors answer for. */
import type { EligibleGroup, NodeGroup } from '../../../src/judge/nodes/group.ts';
import { upstreamOnly } from '../../../src/resolve/endpoints/default.ts';
import type { Inspector } from '../../../src/resolve/inspection/inspection.ts';

export function groupOf(inspector: Inspector, changes: Partial<NodeGroup> = {}): NodeGroup {
  return { name: null, nodeSelector: {}, mirrors: upstreamOnly, inspector, ...changes };
}

/** All nodes alike. */
export function allAt(
  inspector: Inspector,
  eligible: EligibleGroup['eligible'] = null,
): readonly EligibleGroup[] {
  return [{ group: groupOf(inspector), eligible }];
}
