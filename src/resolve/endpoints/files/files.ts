/**
 * File system interface for the readers of mirror configurations. The real implementation records every path, so that a reload
 * can watch them.
 */

export interface Files {
  /**
   * Returns the text of a file in UTF-8, with its byte order mark; null if the file does not exist. Throws `FileError` if the
   * file cannot be read or is too large.
   */
  read(path: string): string | null;
  /** Returns the bytes of a file; null and errors as for `read`. */
  readBytes(path: string): Uint8Array | null;
  /**
   * Returns the names in a directory in lexical order, subdirectories with a trailing slash; null if it is not a directory.
   */
  list(path: string): readonly string[] | null;
}

/** Error for a file that exists but cannot be read. */
export class FileError extends Error {
  override readonly name = 'FileError';
  readonly code = 'FILE_UNREADABLE';
  readonly path: string;
  constructor(path: string, why: string, options?: ErrorOptions) {
    super(`${path}: ${why}`, options);
    this.path = path;
  }
}

/** Maps an absolute directory on the node to a directory on this machine: `{"/etc": "/host/etc"}`. */
export type PathMap = Readonly<Record<string, string>>;

/**
 * Returns the path on this machine for `path` on the node. The longest directory of the map that contains it decides; `path`
 * is returned unchanged if none does.
 */
export function mapPath(path: string, pathMap: PathMap): string {
  let best: { readonly from: string; readonly to: string } | null = null;
  for (const [key, to] of Object.entries(pathMap)) {
    const from = key.replace(/\/+$/, '');
    const within = path === from || path.startsWith(`${from}/`);
    if (within && (best === null || from.length > best.from.length)) best = { from, to };
  }
  return best === null ? path : best.to.replace(/\/+$/, '') + path.slice(best.from.length);
}

/** Returns the files under their names on the node, which messages show. */
export function mappedFiles(files: Files, pathMap: PathMap): Files {
  return {
    read: (path) => files.read(mapPath(path, pathMap)),
    readBytes: (path) => files.readBytes(mapPath(path, pathMap)),
    list: (path) => files.list(mapPath(path, pathMap)),
  };
}

/** Returns the paths that match `pattern` as Go's `filepath.Glob` does. `*` and `?` match within one name. */
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
