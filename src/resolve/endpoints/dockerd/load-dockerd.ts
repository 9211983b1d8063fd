/** Loader of dockerd's configuration: `daemon.json` and `certs.d`. */
import type { Warning } from '../../warning.ts';
import { loadContainerdHosts } from '../containerd/hosts-toml/load-hosts.ts';
import { upstreamOnly } from '../default.ts';
import type { MirrorList } from '../endpoint.ts';
import { readCertsD } from '../files/certs-d.ts';
import { inFile, readUnicodeFile } from '../files/config-file.ts';
import { type Files, mappedFiles, type PathMap } from '../files/files.ts';
import { createMirrorList } from '../mirror-list.ts';
import { parseRuntimeVersion } from '../runtime/runtime-version.ts';
import { dockerdProfiles } from '../runtime/select-profiles.ts';
import { warn } from '../warn.ts';
import { type DaemonConfig, parseDaemonJson } from './daemon-json.ts';
import { graphEndpoints } from './graph-endpoints.ts';
import { localNames } from '../insecure-registries.ts';
import { storeEndpoints } from './store-endpoints.ts';

export interface DockerdOptions {
  /** Path of `daemon.json` on this machine. */
  readonly daemonJson: string;
  /** Path of `certs.d` on the node, which `pathMap` maps to this machine. */
  readonly certsDir: string;
  /** True if the nodes pull through containerd's image store, unless `daemon.json` decides otherwise. */
  readonly containerdStore: boolean;
  /** Version of the nodes' dockerd: `auto`, `28.1`, `docker://28.1.1`. */
  readonly version: string;
  readonly pathMap: PathMap;
}

/** Loads the configuration. Throws `MirrorConfigError`. */
export function loadDockerd(options: DockerdOptions, files: Files): MirrorList {
  const { daemonJson, containerdStore } = options;
  const text = readUnicodeFile(daemonJson, files);
  const config = inFile(daemonJson, () => parseDaemonJson(text, daemonJson));
  const isStore = config.containerdStore?.isOn ?? containerdStore;
  const warnings = [...config.warnings, ...storeWarnings(config, containerdStore)];
  return isStore ? storeList(config, options, warnings, files) : graphList(config, options, warnings, files);
}

function storeWarnings({ containerdStore }: DaemonConfig, configured: boolean): readonly Warning[] {
  if (containerdStore === null || containerdStore.isOn === configured) return [];
  const { isOn, source } = containerdStore;
  const message = `features.containerd-snapshotter is ${isOn}, and mirrors.docker.containerdStore is ${configured}: Pratique follows daemon.json, as dockerd does. Set containerdStore: ${isOn}`;
  return [warn('StoreDiffers', source, message)];
}

function graphList(
  config: DaemonConfig,
  { certsDir, version, pathMap }: DockerdOptions,
  warnings: readonly Warning[],
  files: Files,
): MirrorList {
  const certsD = readCertsD(certsDir, mappedFiles(files, pathMap));
  return createMirrorList({
    format: 'dockerd',
    profiles: dockerdProfiles(false, parseRuntimeVersion(version)),
    content: [config, certsD, warnings],
    endpoints: (reference) => {
      const list = graphEndpoints(reference, config, certsD, localNames);
      return { endpoints: list.endpoints, warnings: [...warnings, ...list.warnings] };
    },
  });
}

function storeList(
  config: DaemonConfig,
  { certsDir, version, pathMap }: DockerdOptions,
  warnings: readonly Warning[],
  files: Files,
): MirrorList {
  const own = hostsTree(certsDir, mappedFiles(files, pathMap));
  return createMirrorList({
    format: 'dockerd-store',
    profiles: dockerdProfiles(true, parseRuntimeVersion(version)),
    content: [config, own.id, warnings],
    endpoints: (reference) => {
      const list = storeEndpoints(reference, own.endpoints(reference), config, localNames);
      return { endpoints: list.endpoints, warnings: [...warnings, ...list.warnings] };
    },
  });
}

/** Returns the list of `certs.d`, read as the containerd code inside dockerd reads it. */
function hostsTree(certsDir: string, files: Files): MirrorList {
  if (files.list(certsDir) === null) return upstreamOnly;
  return loadContainerdHosts({ configPath: certsDir, version: '2.1', pathMap: {} }, files);
}
