/** Nodes that share one mirror configuration. Which of them a pod can land on is `placement.ts`'s, or the cluster's. */
import type { MirrorList } from '../../resolve/endpoints/endpoint.ts';
import type { Inspector } from '../../resolve/inspection/inspection.ts';
import { clean } from '../../util/text/text.ts';
import type { EligiblePlatform } from './fit.ts';

export interface NodeGroup {
  /** As configured; null: nodes of no group. */
  readonly name: string | null;
  /** Labels of its nodes, all of them; of several groups that a node matches the first one is its own. */
  readonly nodeSelector: Readonly<Record<string, string>>;
  readonly mirrors: MirrorList;
  /** Asks by `mirrors`; groups with the same mirrors share it. */
  readonly inspector: Inspector;
  /** `containerd 1.7`: only its nodes of this runtime, as others read the mirror configuration otherwise; undefined: all. */
  readonly runtime?: string;
}

/** Nodes of one group that a pod can land on. */
export interface EligibleGroup {
  readonly group: NodeGroup;
  /** Their platforms; null: any platform will do. Never empty. */
  readonly eligible: readonly EligiblePlatform[] | null;
}

// A configuration may have dozens; a message has room for few.
const maxNames = 3;

/** `node groups gpu, spot and nodes of no group` */
export function groupWords(groups: readonly NodeGroup[]): string {
  const names = groups.flatMap(({ name, runtime }) => (name === null ? [] : [clean(name, 63) + of(runtime)]));
  const more = names.length > maxNames ? `, +${names.length - maxNames}` : '';
  const named = `node group${names.length === 1 ? '' : 's'} ${names.slice(0, maxNames).join(', ')}${more}`;
  const others = groups.filter(({ name }) => name === null).map(({ runtime }) => of(runtime));
  const parts = [
    ...(names.length > 0 ? [named] : []),
    ...others.slice(0, maxNames).map((runtime) => `nodes of no group${runtime}`),
  ];
  return parts.join(' and ');
}

function of(runtime: string | undefined): string {
  return runtime === undefined ? '' : ` (${clean(runtime, 32)})`;
}
