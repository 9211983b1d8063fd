/** Loader of containerd's `config_path`: builds a `MirrorList` from its `hosts.toml` trees. */
import type { Reference } from '../../../reference/reference.ts';
import type { Warning } from '../../../warning.ts';
import { defaultEndpoint, fallbackRules } from '../../default.ts';
import type { ConfigSource, EndpointList, MirrorList } from '../../endpoint.ts';
import { FileError, type Files, mappedFiles, type PathMap } from '../../files/files.ts';
import { MirrorConfigError } from '../../mirror-config-error.ts';
import { createMirrorList } from '../../mirror-list.ts';
import { type ContainerdVersion, parseContainerdVersion } from '../../runtime/containerd-version.ts';
import type { RuntimeProfile } from '../../runtime/runtime-profile.ts';
import { containerdProfiles } from '../../runtime/select-profiles.ts';
import { warn } from '../../warn.ts';
import { containerdEndpoints } from '../containerd-endpoints.ts';
import { type FoundDirectory, findDirectory, type HostTree, HostTrees, type TreeFiles } from './host-tree.ts';

export interface ContainerdHostsOptions {
  /** Paths of the roots on this machine, separated by colons as in containerd's setting. */
  readonly configPath: string;
  /** Version of the nodes' containerd: `auto`, `1.7`, `containerd://2.0.4`. */
  readonly version: string;
  /** Maps absolute file names in the files to this machine. */
  readonly pathMap: PathMap;
}

/**
 * Loads the trees. Throws `MirrorConfigError` if no root exists or a file cannot be read; a file that containerd ignores gives
 * a warning.
 */
export function loadContainerdHosts(
  options: ContainerdHostsOptions,
  files: Files,
  trees = new HostTrees(),
): MirrorList {
  const { configPath, pathMap } = options;
  const version = parseContainerdVersion(options.version);
  const profiles = containerdProfiles(version, false);
  const outside = mappedFiles(files, pathMap);
  const list = { configPath, source: null, version, profiles, isDefault: false };
  return hostsList(list, { place: 'here', files, outside }, trees);
}

export interface HostsListOptions {
  readonly configPath: string;
  /** Place where `config_path` is configured; null if no file of the node sets it. */
  readonly source: ConfigSource | null;
  readonly version: ContainerdVersion;
  readonly profiles: readonly RuntimeProfile[];
  /** True if `config_path` is the default of containerd, so that its directories may be missing. */
  readonly isDefault: boolean;
}

/**
 * Returns the list of a `config_path`. `trees` has the trees that other lists of the same configuration have loaded. Throws
 * `MirrorConfigError`.
 */
export function hostsList(options: HostsListOptions, files: TreeFiles, trees: HostTrees): MirrorList {
  const { configPath, version, profiles, isDefault } = options;
  const roots = configPath.split(':').filter((root) => root !== '');
  const [assumed] = profiles;
  if (configPath.includes(':') && assumed?.name === 'containerd-transfer') return ignoredList(options);
  const loaded = readable(() => roots.flatMap((root) => trees.load(root, version, files) ?? []));
  if (loaded.length === 0 && !isDefault) throw noRoot(configPath);
  return createMirrorList({
    format: 'hosts.toml',
    profiles,
    content: [loaded, version.isK3s, fallbackRules(version)],
    endpoints: (reference) => endpointsFor(reference, loaded, version),
  });
}

function endpointsFor(
  reference: Reference,
  trees: readonly HostTree[],
  version: ContainerdVersion,
): EndpointList {
  const found = findDirectory(trees, reference.domain);
  if (found === null) return { endpoints: [defaultEndpoint(reference, version)], warnings: [] };
  const { endpoints, warnings } = containerdEndpoints(reference, found.directory.hosts, version);
  const own = directoryWarnings(reference, found);
  const inFile = found.directory.warnings.filter(({ code }) => !version.isK3s || code !== 'RewriteExtension');
  return { endpoints, warnings: [...inFile, ...own, ...warnings] };
}

function directoryWarnings(
  { domain }: Reference,
  { directory, shadowed }: FoundDirectory,
): readonly Warning[] {
  const [next] = shadowed;
  if (directory.isEmpty && next) {
    const message = `this directory is empty and still hides ${next.path}: ${domain} is asked without mirrors. Remove it`;
    return [warn('EmptyDirectoryShadows', { file: directory.path, line: null }, message)];
  }
  const root = directory.hosts.at(-1);
  if (directory.hosts.length < 2 || root?.table.host !== '') return [];
  const message = `no server is named: the node asks ${domain} itself last, with all capabilities. Write server = "…" to say so, or to name another`;
  return [warn('ServerOmitted', { file: directory.file, line: null }, message)];
}

/**
 * Returns the list of a `config_path` with several roots under the transfer service, which takes the whole text for one path.
 * That path does not exist, and containerd reports nothing.
 */
function ignoredList({ configPath, source, version, profiles, isDefault }: HostsListOptions): MirrorList {
  const list = isDefault
    ? `is not set, and its default is a list (${configPath})`
    : `is a list (${configPath})`;
  const message = `config_path ${list}, which containerd ignores from 2.1 on: the nodes use no mirror at all. Name one directory`;
  const warnings = [warn('ColonListIgnored', source, message)];
  return createMirrorList({
    format: 'hosts.toml',
    profiles,
    content: [configPath, source, fallbackRules(version)],
    endpoints: (reference) => ({ endpoints: [defaultEndpoint(reference, version)], warnings }),
  });
}

function readable<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    const why = 'cannot be read, so the mirrors of the nodes are not known';
    throw new MirrorConfigError('UNREADABLE', { file: error.path, line: null, column: null }, why, {
      cause: error,
    });
  }
}

function noRoot(configPath: string): MirrorConfigError {
  const why = 'no such directory; correct mirrors.containerd.configPath, or mount the directory here';
  return new MirrorConfigError('NOT_FOUND', { file: configPath, line: null, column: null }, why);
}
