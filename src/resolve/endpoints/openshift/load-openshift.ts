/** Loader of OpenShift's mirror resources: converts them to the entries that CRI-O finds in its registries.conf. */
import type { MirrorList } from '../endpoint.ts';
import { entryEndpoints } from '../crio/entry-endpoints.ts';
import { readRegistryCertificates } from '../crio/load-crio.ts';
import { inFile, readConfigFile } from '../files/config-file.ts';
import type { Files, PathMap } from '../files/files.ts';
import { createMirrorList } from '../mirror-list.ts';
import { parseRuntimeVersion } from '../runtime/runtime-version.ts';
import { crioProfiles } from '../runtime/select-profiles.ts';
import { registryEntries } from './entries.ts';
import { refusedSetWarnings } from './refused-sets.ts';
import {
  type MirrorObject,
  type ParsedResources,
  parseMirrorObjects,
  parseMirrorResources,
} from './resources.ts';

export interface OpenshiftOptions {
  /** Path of the YAML manifests on this machine. */
  readonly mirrorSets: string;
  /** Version of the nodes' CRI-O: `auto`, `1.34`, `cri-o://1.33.2`. */
  readonly version: string;
  readonly pathMap: PathMap;
}

/** Loads the manifests. Throws `MirrorConfigError`. */
export function loadOpenshift({ mirrorSets, ...options }: OpenshiftOptions, files: Files): MirrorList {
  const text = readConfigFile(mirrorSets, files);
  return inFile(mirrorSets, () => mirrorSetList(parseMirrorResources(text, mirrorSets), files, options));
}

/**
 * Builds the list from the objects of a cluster, which sources name like `ImageDigestMirrorSet/corp`. Returns a list without
 * mirrors if there are no objects. Throws `MirrorConfigError`.
 */
export function clusterMirrorList(
  objects: readonly MirrorObject[],
  files: Files,
  options: Omit<OpenshiftOptions, 'mirrorSets'>,
): MirrorList {
  return inFile('mirror sets of the cluster', () =>
    mirrorSetList(parseMirrorObjects(objects), files, options),
  );
}

function mirrorSetList(
  resources: ParsedResources,
  files: Files,
  { version, pathMap }: Omit<OpenshiftOptions, 'mirrorSets'>,
): MirrorList {
  const entries = registryEntries(resources);
  const warnings = [...resources.warnings, ...refusedSetWarnings(resources)];
  const certsD = readRegistryCertificates(files, pathMap);
  return createMirrorList({
    format: 'openshift',
    profiles: crioProfiles(parseRuntimeVersion(version)),
    content: [entries, certsD, warnings],
    endpoints: (reference) => {
      const list = entryEndpoints(reference, entries, certsD);
      return { endpoints: list.endpoints, warnings: [...warnings, ...list.warnings] };
    },
  });
}
