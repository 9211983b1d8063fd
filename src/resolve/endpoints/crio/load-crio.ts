/** Loader of CRI-O's configuration: registries.conf, its drop-ins, crio.conf, and the certificates of its registries. */
import type { Reference } from '../../reference/reference.ts';
import type { EndpointList, MirrorList } from '../endpoint.ts';
import {
  type InsecureRegistries,
  insecureRegistries,
  isInsecure,
  localNames,
  parseNetworkOrHost,
} from '../insecure-registries.ts';
import { type CertsD, readCertsD } from '../files/certs-d.ts';
import { inFile, readConfigFile } from '../files/config-file.ts';
import { type Files, mappedFiles, type PathMap } from '../files/files.ts';
import { createMirrorList } from '../mirror-list.ts';
import type { RuntimeProfile } from '../runtime/runtime-profile.ts';
import { isAtLeast, parseRuntimeVersion, type RuntimeVersion } from '../runtime/runtime-version.ts';
import { crioProfiles } from '../runtime/select-profiles.ts';
import { type CrioConf, defaultCrioConf, readCrioConf } from './crio-conf.ts';
import { entryEndpoints } from './entry-endpoints.ts';
import { byPrefix, type ConfFile, parseConfFile } from './registries-conf/conf-file.ts';
import type { RegistryEntry } from './registries-conf/entry.ts';
import { type Aliases, refuseShortName, type ShortNames, shortNameCandidates } from './short-names.ts';

export interface CrioOptions {
  /** Path of `registries.conf` on this machine. */
  readonly registriesConf: string;
  /** Path of `registries.conf.d` on this machine; null if there are no drop-ins. */
  readonly dropIns: string | null;
  /** Path of `crio.conf` on this machine, with its drop-ins in `crio.conf.d`; null for CRI-O's defaults. */
  readonly crioConf: string | null;
  /** Version of the nodes' CRI-O: `auto`, `1.34`, `cri-o://1.33.2`. */
  readonly version: string;
  readonly pathMap: PathMap;
}

/** Content of registries.conf merged with its drop-ins. */
export interface RegistriesConfig {
  /** Entries sorted by prefix; every prefix occurs once. */
  readonly entries: readonly RegistryEntry[];
  /** null if no file has a search list. */
  readonly search: readonly string[] | null;
  readonly aliases: Aliases;
}

/** Loads all files. Throws `MirrorConfigError`. */
export function loadCrio(options: CrioOptions, files: Files): MirrorList {
  const version = parseRuntimeVersion(options.version);
  const paths = dropInPaths(options.dropIns, files);
  const confFiles = [
    readConfFile(options.registriesConf, files, false),
    ...paths.map((path) => readConfFile(path, files, true)),
  ];
  const { entries, search, aliases } = mergeConfFiles(confFiles);
  const crioConf =
    options.crioConf === null ? defaultCrioConf : readCrioConf(options.crioConf, version, files);
  const profiles = crioProfiles(version);
  const shortNames: ShortNames = {
    mode: modeOf(profiles, crioConf),
    search: search ?? [],
    aliases,
  };
  const insecure = insecureByCrioConf(crioConf, version);
  const certsD = readRegistryCertificates(files, options.pathMap);
  const fileWarnings = confFiles.flatMap(({ warnings }) => warnings);
  const endpointsOf = (reference: Reference): EndpointList => {
    const isHostInsecure = insecure !== null && isInsecure(insecure, reference.domain, localNames);
    return entryEndpoints(reference, entries, certsD, isHostInsecure);
  };
  return createMirrorList({
    format: 'crio',
    profiles,
    content: [entries, shortNames, certsD, insecure, fileWarnings],
    endpoints: (reference) => {
      const lists = shortNameCandidates(reference, shortNames).map(endpointsOf);
      return {
        endpoints: lists.flatMap(({ endpoints }) => endpoints),
        warnings: [...fileWarnings, ...lists.flatMap(({ warnings }) => warnings)],
      };
    },
    refuse: (image) => refuseShortName(image, shortNames),
  });
}

/**
 * Merges files in order. A later file replaces whole entries with the same prefix, the whole search list, and single aliases.
 */
export function mergeConfFiles(files: readonly ConfFile[]): RegistriesConfig {
  const entries = new Map(files.flatMap((file) => file.entries).map((entry) => [entry.prefix, entry]));
  return {
    entries: [...entries.values()].sort(byPrefix),
    search: files.findLast((file) => file.search !== null)?.search ?? null,
    aliases: new Map(files.flatMap((file) => [...file.aliases])),
  };
}

/** Reads the `certs.d` trees of containers/image and dockerd. containers/image's directory for a host replaces dockerd's. */
export function readRegistryCertificates(files: Files, pathMap: PathMap): CertsD {
  const onNode = mappedFiles(files, pathMap);
  return new Map(
    ['/etc/docker/certs.d', '/etc/containers/certs.d'].flatMap((path) => [...readCertsD(path, onNode)]),
  );
}

function modeOf([assumed]: readonly RuntimeProfile[], crioConf: CrioConf): ShortNames['mode'] {
  return assumed?.name === 'crio-until-1.33' ? 'disabled' : crioConf.shortNameMode;
}

/**
 * Returns `insecure_registries` with the loopback networks, which apply up to CRI-O 1.34; null for later and for unknown
 * versions.
 */
function insecureByCrioConf(
  { insecureRegistries: entries }: CrioConf,
  version: RuntimeVersion | null,
): InsecureRegistries | null {
  if (version === null || isAtLeast(version, 1, 35)) return null;
  return insecureRegistries(entries.map(parseNetworkOrHost));
}

function readConfFile(path: string, files: Files, dropIn: boolean): ConfFile {
  const text = readConfigFile(path, files);
  return inFile(path, () => parseConfFile(text, path, dropIn));
}

/**
 * Returns the files that end in `.conf`, sorted by name. Subdirectories are not read, and a missing directory has no files.
 */
function dropInPaths(directory: string | null, files: Files): readonly string[] {
  const names = (directory !== null && files.list(directory)) || [];
  return names.filter((name) => name.endsWith('.conf')).map((name) => `${directory}/${name}`);
}
