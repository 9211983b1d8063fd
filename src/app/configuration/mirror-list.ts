/**
 * Loader of a mirror list from a source in the configuration's section `mirrors`, with the reader of its
 * format.
 */
import { loadConfigToml } from '../../resolve/endpoints/containerd/config-toml/load-config-toml.ts';
import type { HostTrees } from '../../resolve/endpoints/containerd/hosts-toml/host-tree.ts';
import { loadContainerdHosts } from '../../resolve/endpoints/containerd/hosts-toml/load-hosts.ts';
import { loadCrio } from '../../resolve/endpoints/crio/load-crio.ts';
import { upstreamOnly, upstreamOnlyFor } from '../../resolve/endpoints/default.ts';
import { loadDockerd } from '../../resolve/endpoints/dockerd/load-dockerd.ts';
import type { MirrorList } from '../../resolve/endpoints/endpoint.ts';
import type { Files, PathMap } from '../../resolve/endpoints/files/files.ts';
import { loadK3s } from '../../resolve/endpoints/k3s/load-k3s.ts';
import { clusterMirrorList, loadOpenshift } from '../../resolve/endpoints/openshift/load-openshift.ts';
import { MirrorConfigError } from '../../resolve/endpoints/mirror-config-error.ts';
import type { MirrorObject } from '../../resolve/endpoints/openshift/resources.ts';
import type { MirrorSource } from '../../resolve/endpoints/schema.ts';
import type { Cluster } from '../cluster.ts';

export interface MirrorListOptions {
  readonly pathMap: PathMap;
  /** OpenShift's mirror objects in the cluster; null without a cluster. */
  readonly watched: readonly MirrorObject[] | null;
  /** Cache of the `hosts.toml` trees that other lists of the same configuration have loaded. */
  readonly trees: HostTrees;
  /**
   * The nodes' `containerRuntimeVersion`, which applies if the configured version is `auto`; null if it is
   * unknown.
   */
  readonly runtime: string | null;
}

/**
 * Loads the list from the files of `source`. The list has only the upstream registry if `source` names no
 * files. Throws `MirrorConfigError`.
 */
export function loadMirrorList(
  source: MirrorSource,
  { pathMap, watched, trees, runtime }: MirrorListOptions,
  files: Files,
): MirrorList {
  const { containerd, k3s, crio, docker, openshift } = source;
  const versionOf = ({ version }: { readonly version: string }) => ({
    version: version === 'auto' ? (runtime ?? version) : version,
    pathMap,
  });
  if (containerd?.configPath !== undefined) {
    const { configPath } = containerd;
    return loadContainerdHosts({ configPath, ...versionOf(containerd) }, files, trees);
  }
  if (containerd?.configToml !== undefined) {
    const { configToml } = containerd;
    return loadConfigToml({ configToml, ...versionOf(containerd) }, files, trees);
  }
  if (k3s) return loadK3s({ ...k3s, ...versionOf(k3s) }, files);
  if (crio) {
    const { registriesConf, dropIns = null, crioConf = null } = crio;
    return loadCrio({ registriesConf, dropIns, crioConf, ...versionOf(crio) }, files);
  }
  if (docker) return loadDockerd({ ...docker, ...versionOf(docker) }, files);
  if (openshift && watched) return clusterMirrorList(watched, files, versionOf(openshift));
  if (openshift?.mirrorSets !== undefined) {
    return loadOpenshift({ mirrorSets: openshift.mirrorSets, ...versionOf(openshift) }, files);
  }
  return runtime === null ? upstreamOnly : upstreamOnlyFor(runtime);
}

/**
 * Returns the mirror sets listed so far. A starting server uses them and is not ready until the list is
 * complete; a running server keeps its previous configuration until then. Throws `MirrorConfigError`.
 */
export function listMirrorSets(
  { mirrorSets }: Pick<Cluster, 'mirrorSets'>,
  isRunning: boolean,
): readonly MirrorObject[] {
  mirrorSets.enable();
  const missing = isRunning ? mirrorSets.notSynced() : null;
  if (missing === null) return mirrorSets.current();
  const source = { file: 'mirror sets of the cluster', line: null, column: null };
  throw new MirrorConfigError('UNREADABLE', source, missing);
}
