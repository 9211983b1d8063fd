/** containerd with `config_path`: `hosts.toml` trees → `MirrorList`. */
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
  /** Paths here of the roots, colon-separated as containerd has it. */
  readonly configPath: string;
  /** The nodes' containerd: `auto`, `1.7`, `containerd://2.0.4`. */
  readonly version: string;
  /** For absolute file names in the files. */
  readonly pathMap: PathMap;
}

/** Throws `MirrorConfigError` if there is no root at all or a file cannot be read; files that containerd ignores give warnings. */
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
  /** Where `config_path` is written; null if it is not written in a file of the node. */
  readonly source: ConfigSource | null;
  readonly version: ContainerdVersion;
  readonly profiles: readonly RuntimeProfile[];
  /** `config_path` is not written, so its directories may be missing. */
  readonly isDefault: boolean;
}

/** The list of a `config_path`. `trees` holds what other lists of the same configuration have loaded. Throws `MirrorConfigError`. */
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

/** The transfer service takes the whole text for one path, which does not exist, and reports nothing. */
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
