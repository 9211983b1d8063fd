/** Group of nodes that share one mirror configuration, and its name in messages. */
import type { MirrorList } from '../../resolve/endpoints/endpoint.ts';
import type { Inspector } from '../../resolve/inspection/inspection.ts';
import { clean, listFirst } from '../../util/text/text.ts';
import type { EligiblePlatform } from './fit.ts';

export interface NodeGroup {
  /** Name in the configuration; null for the nodes in no group. */
  readonly name: string | null;
  /** Labels that a node of this group has; a node belongs to the first group that it matches. */
  readonly nodeSelector: Readonly<Record<string, string>>;
  readonly mirrors: MirrorList;
  /** Resolves images through `mirrors`; groups with equal mirrors share it. */
  readonly inspector: Inspector;
  /** `containerd 1.7` if only nodes with this runtime are meant, because it reads the mirror configuration differently; else undefined. */
  readonly runtime?: string;
}

/** The nodes of one group that a pod can be scheduled on. */
export interface EligibleGroup {
  readonly group: NodeGroup;
  /** Their platforms, at least one; null if any platform is accepted. */
  readonly eligible: readonly EligiblePlatform[] | null;
}

// A configuration may have dozens; a message has room for few.
const maxNames = 3;

/** `node groups gpu, spot and nodes of no group` */
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
