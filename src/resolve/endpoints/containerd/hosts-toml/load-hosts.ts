/** containerd with `config_path`: `hosts.toml` trees → `MirrorList`. */
import type { Reference } from '../../../reference/reference.ts';
import type { Warning } from '../../../warning.ts';
import { contentId } from '../../files/content-id.ts';
import { defaultEndpoint } from '../../default.ts';
import type { EndpointList, MirrorList } from '../../endpoint.ts';
import { FileError, type Files } from '../../files/files.ts';
import { MirrorConfigError } from '../../mirror-config-error.ts';
import { mappedFiles, type PathMap } from '../../files/pathmap.ts';
import { warn } from '../../warn.ts';
import { endpointsOf } from '../endpoint-of.ts';
import { type FoundDirectory, findDirectory, type HostTree, loadHostTree } from './host-tree.ts';
import { type ContainerdVersion, parseVersion } from '../version.ts';
import { isAtLeast } from '../../runtime/runtime-version.ts';
import { containerdProfiles } from '../../runtime/select-profiles.ts';

export interface ContainerdHostsOptions {
  /** Paths here of the roots, colon-separated as containerd has it. */
  readonly configPath: string;
  /** The nodes' containerd: `auto`, `1.7`, `containerd://2.0.4`. */
  readonly version: string;
  /** For absolute file names in the files. */
  readonly pathMap: PathMap;
}

/** Throws `MirrorConfigError` when there is no root at all or a file cannot be read; files that containerd ignores give warnings. */
export function containerdHosts(options: ContainerdHostsOptions, files: Files): MirrorList {
  const version = parseVersion(options.version);
  const roots = options.configPath.split(':').filter((root) => root !== '');
  if (options.configPath.includes(':') && isAtLeast(version, 2, 1))
    return ignoredList(options.configPath, version);
  const outside = mappedFiles(files, options.pathMap);
  const trees = readable(() => roots.flatMap((root) => loadHostTree(root, version, files, outside) ?? []));
  if (trees.length === 0) throw noRoot(options.configPath);
  const profiles = containerdProfiles(version, false);
  return {
    id: contentId(
      'containerd',
      trees.map((tree) => [...tree]),
      profiles,
    ),
    profiles,
    endpoints: (reference) => listFor(reference, trees, version),
  };
}

function listFor(reference: Reference, trees: readonly HostTree[], version: ContainerdVersion): EndpointList {
  const found = findDirectory(trees, reference.domain);
  if (found === null) return { endpoints: [defaultEndpoint(reference, version)], warnings: [] };
  const { endpoints, warnings } = endpointsOf(reference, found.directory.hosts, version);
  return { endpoints, warnings: [...found.directory.warnings, ...quirks(reference, found), ...warnings] };
}

function quirks({ domain }: Reference, { directory, shadowed }: FoundDirectory): readonly Warning[] {
  const [next] = shadowed;
  if (directory.isEmpty && next) {
    const message = `this directory is empty and still hides ${next.path}: ${domain} is asked without mirrors. Remove it`;
    return [warn('EmptyDirectoryShadows', { file: directory.path, line: null }, message)];
  }
  const root = directory.hosts.at(-1);
  if (directory.hosts.length < 2 || root?.table.host !== '') return [];
  const message = `no server is named: the node asks ${domain} itself last, with all capabilities. Write server = "…" to say so, or otherwise`;
  return [warn('ServerOmitted', { file: directory.file, line: null }, message)];
}

/** CRI hands the whole text to the transfer service as one path, which does not exist, and says nothing. */
function ignoredList(configPath: string, version: ContainerdVersion): MirrorList {
  const message = `config_path is a list (${configPath}), which containerd ignores from 2.1 on: the nodes use no mirror at all. Name one directory`;
  const warnings = [warn('ColonListIgnored', null, message)];
  const profiles = containerdProfiles(version, false);
  return {
    id: contentId('containerd-ignored', configPath, profiles),
    profiles,
    endpoints: (reference) => ({ endpoints: [defaultEndpoint(reference, version)], warnings }),
  };
}

function readable<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    const why = 'cannot be read, and without it nobody knows which mirrors the nodes use';
    throw new MirrorConfigError('UNREADABLE', { file: error.path, line: null, column: null }, why, {
      cause: error,
    });
  }
}

function noRoot(configPath: string): MirrorConfigError {
  const why = 'no such directory; correct mirrors.containerd.configPath, or mount the directory here';
  return new MirrorConfigError('NOT_FOUND', { file: configPath, line: null, column: null }, why);
}
