/** The file system as the readers of mirror configurations see it. The real one notes every path, so that a reload can watch them. */

export interface Files {
  /** Text of a file in UTF-8, a byte order mark included; null if it does not exist. Throws `FileError` if it exists and cannot be read or is too large. */
  read(path: string): string | null;
  /** The same as bytes. */
  readBytes(path: string): Uint8Array | null;
  /** Names in a directory in lexical order, directories with a trailing slash; null if it is not a directory. */
  list(path: string): readonly string[] | null;
}

/** A file exists, but cannot be read. */
export class FileError extends Error {
  override readonly name = 'FileError';
  readonly code = 'FILE_UNREADABLE';
  readonly path: string;
  constructor(path: string, why: string, options?: ErrorOptions) {
    super(`${path}: ${why}`, options);
    this.path = path;
  }
}

/** Directory on the node, absolute → directory here: `{"/etc": "/host/etc"}`. */
export type PathMap = Readonly<Record<string, string>>;

/** The path here of `path` on the node, by the longest directory of the map that contains it; itself if none does. */
export function mapPath(path: string, pathMap: PathMap): string {
  let best: { readonly from: string; readonly to: string } | null = null;
  for (const [key, to] of Object.entries(pathMap)) {
    const from = key.replace(/\/+$/, '');
    const within = path === from || path.startsWith(`${from}/`);
    if (within && (best === null || from.length > best.from.length)) best = { from, to };
  }
  return best === null ? path : best.to.replace(/\/+$/, '') + path.slice(best.from.length);
}

/** The same files under the names that the node knows them by; people are shown the node's names. */
export function mappedFiles(files: Files, pathMap: PathMap): Files {
  return {
    read: (path) => files.read(mapPath(path, pathMap)),
    readBytes: (path) => files.readBytes(mapPath(path, pathMap)),
    list: (path) => files.list(mapPath(path, pathMap)),
  };
}

/** Paths that match `pattern`, in which `*` and `?` match within a name, as Go's `filepath.Glob` finds them. */
export function globFiles(files: Files, pattern: string): readonly string[] {
  const isAbsolute = pattern.startsWith('/');
  let found: readonly string[] = [isAbsolute ? '/' : ''];
  for (const part of pattern.split('/').filter((each) => each !== '')) {
    const below = (directory: string, name: string): string =>
      directory === '' || directory.endsWith('/') ? directory + name : `${directory}/${name}`;
    if (!/[*?]/.test(part)) {
      found = found.map((directory) => below(directory, part));
      continue;
    }
    const expression = part
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replace(/\*/g, '.*')
      .replace(/\?/g, '.');
    const matching = new RegExp(`^${expression}$`, 's');
    found = found.flatMap((directory) =>
      (files.list(directory === '' ? '.' : directory) ?? [])
        .map((name) => name.replace(/\/$/, ''))
        .filter((name) => matching.test(name))
        .map((name) => below(directory, name)),
    );
  }
  return found;
}
