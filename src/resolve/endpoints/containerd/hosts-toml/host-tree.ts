/** Directories of one `config_path` root, and which of them serves a registry. */
import { posix } from 'node:path';
import type { Files } from '../../files/files.ts';
import { MirrorConfigError } from '../../mirror-config-error.ts';
import { type HostDirectory, loadHostDirectory } from './host-directory.ts';
import type { ContainerdVersion } from '../../runtime/containerd-version.ts';
import { isAtLeast } from '../../runtime/runtime-version.ts';

/** Directory name → directory. */
export type HostTree = ReadonlyMap<string, HostDirectory>;

/** More registries than this in one tree are a mistake, such as a home directory. */
const maxDirectories = 4096;

/** The files of a tree, and where absolute names in them are found. */
export interface TreeFiles {
  /** Names of the roots are those of this machine or of the node. */
  readonly place: 'here' | 'node';
  readonly files: Files;
  readonly outside: Files;
}

/** Trees of one configuration, loaded once for all versions of containerd that read them alike. */
export class HostTrees {
  readonly #loaded = new Map<string, HostTree | null>();

  /** Throws as `loadHostTree`. */
  load(root: string, version: ContainerdVersion, { place, files, outside }: TreeFiles): HostTree | null {
    const key = JSON.stringify([place, root, isAtLeast(version, 2, 0)]);
    const known = this.#loaded.get(key);
    if (known !== undefined) return known;
    const tree = loadHostTree(root, version, files, outside);
    this.#loaded.set(key, tree);
    return tree;
  }
}

/** Loads every directory below `root`; null if it is not a directory. Throws `FileError`, and `MirrorConfigError` for a directory that is far too large. */
export function loadHostTree(
  root: string,
  version: ContainerdVersion,
  files: Files,
  outside: Files,
): HostTree | null {
  const names = files.list(root);
  if (names === null) return null;
  if (names.length > maxDirectories) {
    const why = `${names.length} entries, at most ${maxDirectories} are read; is this the directory of hosts.toml files?`;
    throw new MirrorConfigError('INVALID', { file: root, line: null, column: null }, why);
  }
  const directories = new Map<string, HostDirectory>();
  for (const entry of names) {
    const name = entry.replace(/\/$/, '');
    const path = posix.join(root, name);
    // No registry's name begins with a dot; mounted ConfigMaps keep their versions in such directories.
    if (name.startsWith('.') || files.list(path) === null) continue;
    directories.set(name, loadHostDirectory(path, version, files, outside));
  }
  return directories;
}

/** Names of the directories that may serve `domain`, the first that exists wins: `host_port_`, `host:port`, `_default`. */
export function directoryNames(domain: string): readonly string[] {
  const colon = domain.lastIndexOf(':');
  const own = colon > 0 ? [`${domain.slice(0, colon)}_${domain.slice(colon + 1)}_`, domain] : [domain];
  return [...own, '_default'];
}

export interface FoundDirectory {
  readonly directory: HostDirectory;
  /** Directories that would have served the registry if this one were not there. */
  readonly shadowed: readonly HostDirectory[];
}

/** Searches the trees in order, each for all names: `_default` of the first comes before the registry's own directory in the second. */
export function findDirectory(trees: readonly HostTree[], domain: string): FoundDirectory | null {
  const names = directoryNames(domain);
  const found = trees.flatMap((tree) => names.flatMap((name) => tree.get(name) ?? []));
  const [directory, ...shadowed] = found;
  return directory ? { directory, shadowed } : null;
}
