/** Loads OpenShift's mirror resources from manifests: they become what CRI-O would find in its registries.conf. */
import { placed, readConfigFile } from '../files/config-file.ts';
import { contentId } from '../files/content-id.ts';
import { entryEndpoints } from '../crio/endpoints.ts';
import { readRegistryCertificates } from '../crio/load.ts';
import type { MirrorList } from '../endpoint.ts';
import type { Files } from '../files/files.ts';
import type { PathMap } from '../files/pathmap.ts';
import { registryEntries } from './entries.ts';
import { crioProfiles } from '../runtime/select-profiles.ts';
import type { MirrorResources } from './mirror-set.ts';
import { type MirrorObject, parseMirrorObjects, parseMirrorResources } from './resources.ts';

export interface OpenshiftOptions {
  /** Path here of the YAML manifests. */
  readonly mirrorSets: string;
  readonly pathMap: PathMap;
}

/** Throws `MirrorConfigError`. */
export function loadOpenshift({ mirrorSets, pathMap }: OpenshiftOptions, files: Files): MirrorList {
  return mirrorSetList(readConfigFile(mirrorSets, files), mirrorSets, files, pathMap);
}

/** The same from a text that was not read from a file; `name` stands for it in sources. Throws `MirrorConfigError`. */
export function mirrorSetList(text: string, name: string, files: Files, pathMap: PathMap): MirrorList {
  return listOf(parseMirrorResources(text, name), name, files, pathMap);
}

/** The same from the objects of a cluster, which sources name as `ImageDigestMirrorSet/corp`. None: upstream only. Throws `MirrorConfigError`. */
export function clusterMirrorList(
  objects: readonly MirrorObject[],
  files: Files,
  pathMap: PathMap,
): MirrorList {
  return listOf(parseMirrorObjects(objects), 'mirror sets of the cluster', files, pathMap);
}

function listOf(resources: MirrorResources, name: string, files: Files, pathMap: PathMap): MirrorList {
  const entries = placed({ file: name, line: null, column: null }, () => registryEntries(resources));
  const certsD = readRegistryCertificates(files, pathMap);
  return {
    id: contentId('openshift', entries, certsD),
    profiles: crioProfiles(null),
    endpoints: (reference) => entryEndpoints(reference, entries, certsD),
  };
}
