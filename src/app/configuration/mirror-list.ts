/** Loads a mirror list from a source in the configuration's section `mirrors`, with the reader of its format. */
import { containerdConfigToml } from '../../resolve/endpoints/containerd/config-toml/load-config-toml.ts';
import { containerdHosts } from '../../resolve/endpoints/containerd/hosts-toml/load-hosts.ts';
import { loadCrio } from '../../resolve/endpoints/crio/load.ts';
import { upstreamOnly } from '../../resolve/endpoints/default.ts';
import { loadDockerd } from '../../resolve/endpoints/dockerd/load.ts';
import type { MirrorList } from '../../resolve/endpoints/endpoint.ts';
import type { Files } from '../../resolve/endpoints/files/files.ts';
import { k3sRegistries } from '../../resolve/endpoints/k3s/load-registries.ts';
import { clusterMirrorList, loadOpenshift } from '../../resolve/endpoints/openshift/load.ts';
import type { MirrorObject } from '../../resolve/endpoints/openshift/resources.ts';
import type { PathMap } from '../../resolve/endpoints/files/pathmap.ts';
import type { MirrorSource } from '../../resolve/endpoints/schema.ts';

/**
 * Reads the files that `source` names; returns the upstream-only list if it names none.
 * @param watched OpenShift's mirror sets in the cluster, null without a cluster
 * @throws {MirrorConfigError}
 */
export function loadMirrorList(
  source: MirrorSource,
  pathMap: PathMap,
  files: Files,
  watched: readonly MirrorObject[] | null,
): MirrorList {
  const { containerd, k3s, crio, docker, openshift } = source;
  if (containerd?.configPath !== undefined) {
    return containerdHosts({ ...containerd, configPath: containerd.configPath, pathMap }, files);
  }
  if (containerd?.configToml !== undefined) {
    return containerdConfigToml({ ...containerd, configToml: containerd.configToml, pathMap }, files);
  }
  if (k3s) return k3sRegistries({ ...k3s, pathMap }, files);
  if (crio) return loadCrio({ ...crio, dropIns: crio.dropIns ?? null, pathMap }, files);
  if (docker) return loadDockerd({ ...docker, pathMap }, files);
  if (openshift && watched) return clusterMirrorList(watched, files, pathMap);
  if (openshift?.mirrorSets !== undefined) {
    return loadOpenshift({ mirrorSets: openshift.mirrorSets, pathMap }, files);
  }
  return upstreamOnly;
}
