/** How the format readers see the file system. The real one notes every path asked for, so that a reload can watch them. */

export interface Files {
  /** Text of a file; null when it does not exist. Throws `FileError` when it exists and cannot be read or is too large. */
  read(path: string): string | null;
  /** Names in a directory in lexical order, directories with a trailing slash; null when it is no directory. */
  list(path: string): readonly string[] | null;
}

/** A file exists, but its content is not to be had. */
export class FileError extends Error {
  override readonly name = 'FileError';
  readonly code = 'FILE_UNREADABLE';
  readonly path: string;
  constructor(path: string, why: string, options?: ErrorOptions) {
    super(`${path}: ${why}`, options);
    this.path = path;
  }
}
