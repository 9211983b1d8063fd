/** The section `mirrors` of the configuration → groups of nodes, each with its mirror list and its inspector. */
import type { NodeGroup } from '../../judge/nodes/group.ts';
import type { MirrorList } from '../../resolve/endpoints/endpoint.ts';
import {
  runtimeLineOf,
  runtimeLines,
  runtimeProduct,
  type RuntimeProduct,
} from '../../resolve/endpoints/runtime/runtime-line.ts';
import type { MirrorSource, MirrorsConfiguration } from '../../resolve/endpoints/schema.ts';
import type { Inspector } from '../../resolve/inspection/inspection.ts';

export interface NodeGroups {
  /** In the order in which they are matched, the nodes of no group last. */
  readonly groups: readonly NodeGroup[];
  /** The nodes of no group: all nodes if there are no groups. */
  readonly defaultGroup: NodeGroup;
  /** The group as its nodes of this runtime (`containerd://1.7.27`) read the configuration and pull. */
  readonly groupFor: (group: NodeGroup, runtime: string) => NodeGroup;
}

export interface NodeGroupDeps {
  /** The list of a source, for nodes of `runtime` or, if null, of an unknown one; throws `MirrorConfigError`. */
  readonly loadMirrorList: (source: MirrorSource, runtime: string | null) => MirrorList;
  readonly createInspector: (mirrors: MirrorList) => Inspector;
  /** There are live nodes that report their runtime. */
  readonly hasNodes: boolean;
}

/** Throws `MirrorConfigError`. */
export function buildNodeGroups(section: MirrorsConfiguration, deps: NodeGroupDeps): NodeGroups {
  // Equal lists give equal answers: an image is inspected once for all groups that share one.
  const inspectors = new Map<string, Inspector>();
  const sources = new Map<NodeGroup, MirrorSource>();
  const variants = new Map<string, NodeGroup>();
  const listFor = (source: MirrorSource, runtime: string | null) => {
    const mirrors = deps.loadMirrorList(source, runtime);
    const inspector = inspectors.get(mirrors.id) ?? deps.createInspector(mirrors);
    inspectors.set(mirrors.id, inspector);
    return { mirrors, inspector };
  };
  const group = (name: string | null, nodeSelector: NodeGroup['nodeSelector'], source: MirrorSource) => {
    const made: NodeGroup = { name, nodeSelector, ...listFor(source, null) };
    sources.set(made, source);
    return made;
  };
  const named = section.nodeGroups.map(({ name, nodeSelector, ...source }) =>
    group(name, nodeSelector, source),
  );
  const defaultGroup = group(null, {}, section);
  const groups = [...named, defaultGroup];
  if (deps.hasNodes) {
    // All at once, so that a configuration that one runtime rejects is rejected when it is loaded.
    for (const [made, source] of sources) {
      for (const line of linesFor(source)) {
        const list = listFor(source, line);
        const [profile] = list.mirrors.profiles;
        variants.set(variantKey(groups, made, line), {
          ...made,
          ...list,
          ...(profile && { runtime: profile.label }),
        });
      }
    }
  }
  return {
    groups,
    defaultGroup,
    groupFor: (made, runtime) => {
      const line = runtimeLineOf(runtime);
      return (line !== null && variants.get(variantKey(groups, made, line))) || made;
    },
  };
}

function variantKey(groups: readonly NodeGroup[], group: NodeGroup, line: string): string {
  return `${groups.indexOf(group)} ${line}`;
}

/** Lines of runtimes by which the nodes of a source may differ; none if the source says which they run. */
function linesFor({ containerd, k3s, crio, docker, openshift }: MirrorSource): readonly string[] {
  const source = containerd ?? k3s ?? crio ?? docker ?? openshift;
  if (source && source.version !== 'auto') return [];
  const product: RuntimeProduct | null =
    containerd || k3s ? 'containerd' : crio || openshift ? 'cri-o' : docker ? 'docker' : null;
  return runtimeLines.filter((line) => product === null || runtimeProduct(line) === product);
}
