/** Group of nodes that share one mirror configuration, and its name in messages. */
import type { MirrorList } from '../../resolve/endpoints/endpoint.ts';
import type { Inspector } from '../../resolve/inspection/inspection.ts';
import { clean, listFirst } from '../../util/text/text.ts';
import type { EligiblePlatform } from './fit.ts';

export interface NodeGroup {
  /** Name in the configuration; null for the group of nodes in no other group. */
  readonly name: string | null;
  /** Labels that a node of this group has. A node belongs to the first group whose labels it has. */
  readonly nodeSelector: Readonly<Record<string, string>>;
  readonly mirrors: MirrorList;
  /** Inspector that resolves images through `mirrors`; groups with equal mirrors share it. */
  readonly inspector: Inspector;
  /**
   * Runtime such as `containerd 1.7` if the group has only nodes with this runtime, because it reads the
   * mirror configuration differently; undefined otherwise.
   */
  readonly runtime?: string;
}

/** Nodes of one group that a pod can be scheduled on. */
export interface EligibleGroup {
  readonly group: NodeGroup;
  /** Platforms of the nodes, at least one; null if any platform is accepted. */
  readonly eligible: readonly EligiblePlatform[] | null;
}

// Limit of group names in a message: a configuration may have dozens.
const maxNames = 3;

/** Formats group names: `node groups gpu, spot and nodes of no group`. */
export function groupWords(groups: readonly NodeGroup[]): string {
  const named = groups.flatMap(({ name, runtime }) =>
    name === null ? [] : [clean(name, 63) + formatRuntime(runtime)],
  );
  const others = groups.flatMap(({ name, runtime }) =>
    name === null ? [`nodes of no group${formatRuntime(runtime)}`] : [],
  );
  const list = `node group${named.length === 1 ? '' : 's'} ${listFirst(named, maxNames)}`;
  return [...(named.length > 0 ? [list] : []), ...others.slice(0, maxNames)].join(' and ');
}

function formatRuntime(runtime: string | undefined): string {
  return runtime === undefined ? '' : ` (${clean(runtime, 32)})`;
}
