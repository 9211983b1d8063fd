/** Loads CRI-O's configuration: registries.conf, its drop-ins, and the certificates of its registries. */
import { type CertsD, readCertsD } from '../files/certs-d.ts';
import { readConfigFile } from '../files/config-file.ts';
import { contentId } from '../files/content-id.ts';
import type { MirrorList } from '../endpoint.ts';
import type { Files } from '../files/files.ts';
import { mappedFiles, type PathMap } from '../files/pathmap.ts';
import { parseConfFile } from './registries-conf/conf-file.ts';
import { mergeConfFiles } from './config.ts';
import { entryEndpoints } from './endpoints.ts';
import { refuseShortName } from './short-names.ts';
import { crioProfiles } from '../runtime/select-profiles.ts';

export interface CrioOptions {
  /** Path here of `registries.conf`. */
  readonly registriesConf: string;
  /** Path here of `registries.conf.d`; null for none. */
  readonly dropIns: string | null;
  readonly pathMap: PathMap;
}

/** Throws `MirrorConfigError`. */
export function loadCrio(options: CrioOptions, files: Files): MirrorList {
  const main = readConfFile(options.registriesConf, files, false);
  const dropIns = dropInPaths(options.dropIns, files).map((path) => readConfFile(path, files, true));
  const config = mergeConfFiles([main, ...dropIns]);
  const certsD = readRegistryCertificates(files, options.pathMap);
  return {
    id: contentId('crio', config, certsD),
    profiles: crioProfiles(null),
    endpoints: (reference) => entryEndpoints(reference, config.entries, certsD),
    refuse: (image) => refuseShortName(image, config.shortNames),
  };
}

/** `certs.d` of containers/image, else dockerd's; the first that has a directory for a host counts. */
export function readRegistryCertificates(files: Files, pathMap: PathMap): CertsD {
  const onNode = mappedFiles(files, pathMap);
  return new Map(
    ['/etc/docker/certs.d', '/etc/containers/certs.d'].flatMap((path) => [...readCertsD(path, onNode)]),
  );
}

function readConfFile(path: string, files: Files, dropIn: boolean) {
  return parseConfFile(readConfigFile(path, files), path, dropIn);
}

/** Files that end in `.conf`, by name; directories below are not looked into, and a missing directory has none. */
function dropInPaths(directory: string | null, files: Files): readonly string[] {
  const names = (directory !== null && files.list(directory)) || [];
  return names.filter((name) => name.endsWith('.conf')).map((name) => `${directory}/${name}`);
}
