/** The section `mirrors` of the configuration → groups of nodes, each with its mirror list and who asks by it. */
import type { NodeGroup } from '../judge/nodes/group.ts';
import { versionLineOf, versionLines } from '../resolve/endpoints/containerd/version.ts';
import type { MirrorList } from '../resolve/endpoints/endpoint.ts';
import type { MirrorSource, MirrorsConfiguration } from '../resolve/endpoints/schema.ts';
import type { Inspector } from '../resolve/inspection/inspection.ts';

export interface NodeGroups {
  /** In the order in which they are matched, at last the nodes of no group. */
  readonly groups: readonly NodeGroup[];
  /** The nodes of no group: all, where they are alike. */
  readonly rest: NodeGroup;
  /** The group as its nodes of this runtime (`containerd://1.7.27`) read the configuration: some quirks depend on it. */
  readonly groupFor: (group: NodeGroup, runtime: string) => NodeGroup;
}

export interface NodeGroupDeps {
  /** What a source means; throws `MirrorConfigError`. */
  readonly mirrorsOf: (source: MirrorSource) => MirrorList;
  readonly inspectorOf: (mirrors: MirrorList) => Inspector;
  /** There are live nodes that tell their runtime. */
  readonly hasNodes: boolean;
}

/** Throws `MirrorConfigError`. */
export function buildNodeGroups(section: MirrorsConfiguration, tools: NodeGroupDeps): NodeGroups {
  // Equal lists give equal answers: an image is inspected once for all groups that share one.
  const inspectors = new Map<string, Inspector>();
  const variants = new Map<NodeGroup, ReadonlyMap<string, NodeGroup>>();
  const from = (source: MirrorSource) => {
    const mirrors = tools.mirrorsOf(source);
    const inspector = inspectors.get(mirrors.id) ?? tools.inspectorOf(mirrors);
    inspectors.set(mirrors.id, inspector);
    return { mirrors, inspector };
  };
  const group = (name: string | null, nodeSelector: NodeGroup['nodeSelector'], source: MirrorSource) => {
    const made: NodeGroup = { name, nodeSelector, ...from(source) };
    const versions = tools.hasNodes ? sourcesByVersion(source) : [];
    variants.set(
      made,
      new Map(
        versions.map(([line, each]) => [line, { ...made, ...from(each), runtime: `containerd ${line}` }]),
      ),
    );
    return made;
  };
  const named = section.nodeGroups.map(({ name, nodeSelector, ...source }) =>
    group(name, nodeSelector, source),
  );
  const rest = group(null, {}, section);
  return {
    groups: [...named, rest],
    rest,
    groupFor: (made, runtime) => variants.get(made)?.get(versionLineOf(runtime)) ?? made,
  };
}

/** The source as every version of containerd reads it; none where that is settled. */
function sourcesByVersion(source: MirrorSource): readonly (readonly [line: string, MirrorSource])[] {
  const { containerd } = source;
  if (containerd?.version !== 'auto') return [];
  return versionLines.map((version) => [version, { ...source, containerd: { ...containerd, version } }]);
}
