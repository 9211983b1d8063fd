/** The section `mirrors` of the configuration → groups of nodes, each with its mirror list and who asks by it. */
import type { NodeGroup } from '../judge/nodes/group.ts';
import type { MirrorList } from '../resolve/endpoints/endpoint.ts';
import type { Files } from '../resolve/endpoints/files.ts';
import type { MirrorSource, MirrorsConfiguration } from '../resolve/endpoints/schema.ts';
import type { Inspector } from '../resolve/inspection/inspection.ts';
import { mirrorList } from './mirrors.ts';

export interface Grouped {
  /** In the order in which they are matched, at last the nodes of no group. */
  readonly groups: readonly NodeGroup[];
  /** The nodes of no group: all, where they are alike. */
  readonly rest: NodeGroup;
}

/** `prepare`: what every list gets in addition. Throws `MirrorConfigError`. */
export function nodeGroups(
  section: MirrorsConfiguration,
  files: Files,
  prepare: (mirrors: MirrorList) => MirrorList,
  inspectorOf: (mirrors: MirrorList) => Inspector,
): Grouped {
  // Equal lists give equal answers: an image is inspected once for all groups that share one.
  const inspectors = new Map<string, Inspector>();
  const group = (name: string | null, nodeSelector: NodeGroup['nodeSelector'], source: MirrorSource) => {
    const mirrors = prepare(mirrorList(source, section.pathMap, files));
    const inspector = inspectors.get(mirrors.id) ?? inspectorOf(mirrors);
    inspectors.set(mirrors.id, inspector);
    return { name, nodeSelector, mirrors, inspector };
  };
  const named = section.nodeGroups.map(({ name, nodeSelector, ...source }) =>
    group(name, nodeSelector, source),
  );
  const rest = group(null, {}, section);
  return { groups: [...named, rest], rest };
}
