/**
 * Builder of the node groups from the configuration's section `mirrors`. Each group gets its mirror list and
 * its inspector.
 */
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
  /** All groups in the order in which they are matched; the default group is the last. */
  readonly groups: readonly NodeGroup[];
  /** Group of the nodes in no other group; it has all nodes if no groups are configured. */
  readonly defaultGroup: NodeGroup;
  /**
   * Returns the group as its nodes with this runtime (`containerd://1.7.27`) read the configuration and pull
   * images.
   */
  readonly groupFor: (group: NodeGroup, runtime: string) => NodeGroup;
}

export interface NodeGroupDeps {
  /**
   * Loads the list of a source for nodes of `runtime`; null means an unknown runtime. Throws
   * `MirrorConfigError`.
   */
  readonly loadMirrorList: (source: MirrorSource, runtime: string | null) => MirrorList;
  readonly createInspector: (mirrors: MirrorList) => Inspector;
  /** True if there are live nodes that report their runtime. */
  readonly hasNodes: boolean;
}

/** Builds the groups. Throws `MirrorConfigError`. */
export function buildNodeGroups(section: MirrorsConfiguration, deps: NodeGroupDeps): NodeGroups {
  // Maps a mirror list to its inspector. Equal lists give equal answers, so an image is inspected once for
  // all groups that share a list.
  const inspectors = new Map<string, Inspector>();
  const sources = new Map<NodeGroup, MirrorSource>();
  const variants = new Map<string, NodeGroup>();
  const listFor = (source: MirrorSource, runtime: string | null) => {
    const mirrors = deps.loadMirrorList(source, runtime);
    const inspector = inspectors.get(mirrors.id) ?? deps.createInspector(mirrors);
    inspectors.set(mirrors.id, inspector);
    return { mirrors, inspector };
  };
  const buildGroup = (name: string | null, nodeSelector: NodeGroup['nodeSelector'], source: MirrorSource) => {
    const group: NodeGroup = { name, nodeSelector, ...listFor(source, null) };
    sources.set(group, source);
    return group;
  };
  const named = section.nodeGroups.map(({ name, nodeSelector, ...source }) =>
    buildGroup(name, nodeSelector, source),
  );
  const defaultGroup = buildGroup(null, {}, section);
  const groups = [...named, defaultGroup];
  if (deps.hasNodes) {
    // All lists are loaded here, so that a configuration that one runtime rejects is rejected when it is
    // loaded.
    for (const [group, source] of sources) {
      for (const line of linesFor(source)) {
        const list = listFor(source, line);
        const [profile] = list.mirrors.profiles;
        variants.set(variantKey(groups, group, line), {
          ...group,
          ...list,
          ...(profile && { runtime: profile.label }),
        });
      }
    }
  }
  return {
    groups,
    defaultGroup,
    groupFor: (group, runtime) => {
      const line = runtimeLineOf(runtime);
      return (line !== null && variants.get(variantKey(groups, group, line))) || group;
    },
  };
}

function variantKey(groups: readonly NodeGroup[], group: NodeGroup, line: string): string {
  return `${groups.indexOf(group)} ${line}`;
}

/**
 * Returns the runtime versions between which nodes of a source may differ; empty if the source names the
 * version that its nodes run.
 */
function linesFor({ containerd, k3s, crio, docker, openshift }: MirrorSource): readonly string[] {
  const source = containerd ?? k3s ?? crio ?? docker ?? openshift;
  if (source && source.version !== 'auto') return [];
  const product: RuntimeProduct | null =
    containerd || k3s ? 'containerd' : crio || openshift ? 'cri-o' : docker ? 'docker' : null;
  return runtimeLines.filter((line) => product === null || runtimeProduct(line) === product);
}
