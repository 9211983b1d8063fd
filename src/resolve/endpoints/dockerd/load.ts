/** Loads dockerd's configuration: `daemon.json` and `certs.d`. */
import { readCertsD } from '../files/certs-d.ts';
import { readConfigFile } from '../files/config-file.ts';
import { containerdHosts } from '../containerd/hosts-toml/load-hosts.ts';
import { contentId } from '../files/content-id.ts';
import { upstreamOnly } from '../default.ts';
import type { MirrorList } from '../endpoint.ts';
import type { Files } from '../files/files.ts';
import { mappedFiles, type PathMap } from '../files/pathmap.ts';
import { classicEndpoints } from './classic.ts';
import { type DaemonConfig, parseDaemonJson } from './daemon-json.ts';
import { storeEndpoints } from './store.ts';
import { dockerdProfiles } from '../runtime/select-profiles.ts';

export interface DockerdOptions {
  /** Path here of `daemon.json`. */
  readonly daemonJson: string;
  /** The node's `certs.d`, found through `pathMap`. */
  readonly certsDir: string;
  /** The node pulls through containerd's image store (`"features": {"containerd-snapshotter": true}`). */
  readonly containerdStore: boolean;
  readonly pathMap: PathMap;
}

/** Throws `MirrorConfigError`. */
export function loadDockerd(options: DockerdOptions, files: Files): MirrorList {
  const config = parseDaemonJson(readConfigFile(options.daemonJson, files), options.daemonJson);
  return options.containerdStore ? store(config, options, files) : classic(config, options, files);
}

function classic(config: DaemonConfig, { certsDir, pathMap }: DockerdOptions, files: Files): MirrorList {
  const certsD = readCertsD(certsDir, mappedFiles(files, pathMap));
  return {
    id: contentId('dockerd', config, [...certsD]),
    profiles: dockerdProfiles(false, null),
    endpoints: (reference) => classicEndpoints(reference, config, certsD, localNames),
  };
}

function store(config: DaemonConfig, { certsDir, pathMap }: DockerdOptions, files: Files): MirrorList {
  const own = hostsTree(certsDir, mappedFiles(files, pathMap));
  return {
    id: contentId('dockerd-store', config, own.id),
    profiles: dockerdProfiles(true, null),
    endpoints: (reference) => storeEndpoints(reference, own.endpoints(reference), config, localNames),
  };
}

/** `certs.d` read as containerd reads its own tree, by the version that dockerd is built with. */
function hostsTree(certsDir: string, files: Files): MirrorList {
  if (files.list(certsDir) === null) return upstreamOnly;
  return containerdHosts({ configPath: certsDir, version: '2.1', pathMap: {} }, files);
}

/** The only names that are the same on every node; the others are not looked up. */
function localNames(host: string): readonly string[] {
  return host === 'localhost' ? ['127.0.0.1', '::1'] : [];
}
