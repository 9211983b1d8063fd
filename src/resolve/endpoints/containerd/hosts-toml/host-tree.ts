/** Directories of one `config_path` root, and the search for the directory that serves a registry. */
import { posix } from 'node:path';
import type { Files } from '../../files/files.ts';
import { MirrorConfigError } from '../../mirror-config-error.ts';
import { type HostDirectory, loadHostDirectory } from './host-directory.ts';
import type { ContainerdVersion } from '../../runtime/containerd-version.ts';
import { isAtLeast } from '../../runtime/runtime-version.ts';

/** Maps a directory's name to its content. */
export type HostTree = ReadonlyMap<string, HostDirectory>;

/** 4096: a tree with more registries is a mistake, such as a `config_path` that points at a home directory. */
const maxDirectories = 4096;

/** File access for a tree: the tree itself, and the absolute names in its files. */
export interface TreeFiles {
  /** `here` if the roots are paths of this machine, `node` if they are paths of the node. */
  readonly place: 'here' | 'node';
  readonly files: Files;
  readonly outside: Files;
}

/** Cache of the trees of one configuration: versions of containerd that read a tree alike share it. */
export class HostTrees {
  readonly #loaded = new Map<string, HostTree | null>();

  /** Loads a tree or returns the one loaded before. Throws the same errors as `loadHostTree`. */
  load(root: string, version: ContainerdVersion, { place, files, outside }: TreeFiles): HostTree | null {
    const key = JSON.stringify([place, root, isAtLeast(version, 2, 0)]);
    const known = this.#loaded.get(key);
    if (known !== undefined) return known;
    const tree = loadHostTree(root, version, files, outside);
    this.#loaded.set(key, tree);
    return tree;
  }
}

/**
 * Loads every directory below `root`; returns null if it is not a directory. Throws `FileError`, and `MirrorConfigError` for a
 * directory with more than `maxDirectories` entries.
 */
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
    // No registry's name begins with a dot. Mounted ConfigMaps keep their versions in such directories.
    if (name.startsWith('.') || files.list(path) === null) continue;
    directories.set(name, loadHostDirectory(path, version, files, outside));
  }
  return directories;
}

/**
 * Returns the names of the directories that may serve `domain`; containerd uses the first that exists: `host_port_`,
 * `host:port`, `_default`.
 */
export function directoryNames(domain: string): readonly string[] {
  const colon = domain.lastIndexOf(':');
  const own = colon > 0 ? [`${domain.slice(0, colon)}_${domain.slice(colon + 1)}_`, domain] : [domain];
  return [...own, '_default'];
}

export interface FoundDirectory {
  readonly directory: HostDirectory;
  /** Directories that would serve the registry if this one did not exist. */
  readonly shadowed: readonly HostDirectory[];
}

/**
 * Searches the trees in order, each for all names. The `_default` of the first tree therefore precedes the registry's own
 * directory in the second.
 */
export function findDirectory(trees: readonly HostTree[], domain: string): FoundDirectory | null {
  const names = directoryNames(domain);
  const found = trees.flatMap((tree) => names.flatMap((name) => tree.get(name) ?? []));
  const [directory, ...shadowed] = found;
  return directory ? { directory, shadowed } : null;
}
