/** Builds the node groups from the configuration's section `mirrors`: each group with its mirror list and its inspector. */
import type { NodeGroup } from '../../judge/nodes/group.ts';
import { versionLineOf, versionLines } from '../../resolve/endpoints/containerd/version.ts';
import type { MirrorList } from '../../resolve/endpoints/endpoint.ts';
import type { MirrorSource, MirrorsConfiguration } from '../../resolve/endpoints/schema.ts';
import type { Inspector } from '../../resolve/inspection/inspection.ts';

export interface NodeGroups {
  /** In matching order; the default group is last. */
  readonly groups: readonly NodeGroup[];
  /** The nodes that match no named group. */
  readonly defaultGroup: NodeGroup;
  /** The variant of a group for nodes of this runtime (`containerd://1.7.27`), which read some settings differently. */
  readonly groupFor: (group: NodeGroup, runtime: string) => NodeGroup;
}

export interface NodeGroupDeps {
  /** Throws `MirrorConfigError`. */
  readonly loadMirrorList: (source: MirrorSource) => MirrorList;
  readonly createInspector: (mirrors: MirrorList) => Inspector;
  /** A cluster's nodes report their runtime. */
  readonly hasNodes: boolean;
}

/** Throws `MirrorConfigError`. */
export function buildNodeGroups(section: MirrorsConfiguration, deps: NodeGroupDeps): NodeGroups {
  // Groups with equal mirror lists share an inspector, so an image is inspected once for all of them.
  const inspectors = new Map<string, Inspector>();
  const variants = new Map<NodeGroup, ReadonlyMap<string, NodeGroup>>();
  const load = (source: MirrorSource) => {
    const mirrors = deps.loadMirrorList(source);
    const inspector = inspectors.get(mirrors.id) ?? deps.createInspector(mirrors);
    inspectors.set(mirrors.id, inspector);
    return { mirrors, inspector };
  };
  const build = (name: string | null, nodeSelector: NodeGroup['nodeSelector'], source: MirrorSource) => {
    const group: NodeGroup = { name, nodeSelector, ...load(source) };
    const versions = deps.hasNodes ? sourcesByVersion(source) : [];
    variants.set(
      group,
      new Map(
        versions.map(([line, variant]) => [
          line,
          { ...group, ...load(variant), runtime: `containerd ${line}` },
        ]),
      ),
    );
    return group;
  };
  const namedGroups = section.nodeGroups.map(({ name, nodeSelector, ...source }) =>
    build(name, nodeSelector, source),
  );
  const defaultGroup = build(null, {}, section);
  return {
    groups: [...namedGroups, defaultGroup],
    defaultGroup,
    groupFor: (group, runtime) => variants.get(group)?.get(versionLineOf(runtime)) ?? group,
  };
}

/** The source once for each line of containerd versions; empty unless `version` is `auto`. */
function sourcesByVersion(source: MirrorSource): readonly (readonly [line: string, MirrorSource])[] {
  const { containerd } = source;
  if (containerd?.version !== 'auto') return [];
  return versionLines.map((version) => [version, { ...source, containerd: { ...containerd, version } }]);
}
