/** Loads a mirror list from a source in the configuration's section `mirrors`, with the reader of its format. */
import { loadConfigToml } from '../../resolve/endpoints/containerd/config-toml/load-config-toml.ts';
import { loadContainerdHosts } from '../../resolve/endpoints/containerd/hosts-toml/load-hosts.ts';
import { loadCrio } from '../../resolve/endpoints/crio/load-crio.ts';
import { upstreamOnly, upstreamOnlyFor } from '../../resolve/endpoints/default.ts';
import { loadDockerd } from '../../resolve/endpoints/dockerd/load-dockerd.ts';
import type { MirrorList } from '../../resolve/endpoints/endpoint.ts';
import type { Files, PathMap } from '../../resolve/endpoints/files/files.ts';
import { loadK3s } from '../../resolve/endpoints/k3s/load-k3s.ts';
import { clusterMirrorList, loadOpenshift } from '../../resolve/endpoints/openshift/load-openshift.ts';
import type { MirrorObject } from '../../resolve/endpoints/openshift/resources.ts';
import type { MirrorSource } from '../../resolve/endpoints/schema.ts';

export interface MirrorListOptions {
  readonly pathMap: PathMap;
  /** OpenShift's objects in the cluster; null without a cluster. */
  readonly watched: readonly MirrorObject[] | null;
  /** The nodes' `containerRuntimeVersion`, which decides where the version is `auto`; null if it is not known. */
  readonly runtime: string | null;
}

/** Reads the files of `source`; upstream only if it names none. Throws `MirrorConfigError`. */
export function loadMirrorList(
  source: MirrorSource,
  { pathMap, watched, runtime }: MirrorListOptions,
  files: Files,
): MirrorList {
  const { containerd, k3s, crio, docker, openshift } = source;
  const versionOf = ({ version }: { readonly version: string }) => ({
    version: version === 'auto' ? (runtime ?? version) : version,
    pathMap,
  });
  if (containerd?.configPath !== undefined) {
    return loadContainerdHosts({ configPath: containerd.configPath, ...versionOf(containerd) }, files);
  }
  if (containerd?.configToml !== undefined) {
    return loadConfigToml({ configToml: containerd.configToml, ...versionOf(containerd) }, files);
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
