/**
 * File access for the readers of configuration formats: reads are bounded and relative to one folder, and
 * every path that was read is recorded.
 */
import { closeSync, constants, fstatSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { FileError, type Files } from '../resolve/endpoints/files/files.ts';
import { stampSync } from './stamp.ts';

/**
 * Limit of one file: registries.conf and hosts.toml have a few KiB, and lists of mirror sets a few hundred.
 */
const maxBytes = 4 * 2 ** 20;
const chunkBytes = 65_536;
const maxEntries = 10_000;

export class RecordedFiles implements Files {
  readonly #folder: string;
  readonly #stamps = new Map<string, string>();

  constructor(folder: string) {
    this.#folder = resolve(folder);
  }

  /** Returns the absolute path for a `path` in the configuration. */
  absolute(path: string): string {
    return resolve(this.#folder, path);
  }

  /**
   * Returns every absolute path that was read, including those that do not exist, with its stamp from before
   * the read.
   */
  get stamps(): ReadonlyMap<string, string> {
    return this.#stamps;
  }

  read(path: string): string | null {
    return this.readBytes(path)?.toString('utf8') ?? null;
  }

  readBytes(path: string): Buffer | null {
    return this.#existing(path, (absolute) => readBounded(absolute, path));
  }

  list(path: string): readonly string[] | null {
    return this.#existing(path, (absolute) => {
      const entries = readdirSync(absolute, { withFileTypes: true });
      if (entries.length > maxEntries) throw new FileError(path, `has more than ${maxEntries} entries`);
      return entries
        .filter(({ name }) => !name.startsWith('..')) // Internal entries of ConfigMap and Secret volumes.
        .map((entry) => (isDirectory(entry, absolute) ? `${entry.name}/` : entry.name))
        .sort();
    });
  }

  #existing<T>(path: string, read: (absolute: string) => T): T | null {
    const absolute = this.absolute(path);
    if (!this.#stamps.has(absolute)) this.#stamps.set(absolute, stampSync(absolute));
    try {
      return read(absolute);
    } catch (error) {
      if (error instanceof FileError) throw error;
      const { code = 'unknown error' } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT' || code === 'ENOTDIR') return null;
      throw new FileError(path, reasons[code] ?? code, { cause: error });
    }
  }
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EISDIR: 'is a directory',
  ELOOP: 'too many symbolic links',
  ENAMETOOLONG: 'the name is too long',
};

interface Entry {
  readonly name: string;
  isDirectory(): boolean;
  isSymbolicLink(): boolean;
}

function isDirectory(entry: Entry, folder: string): boolean {
  if (!entry.isSymbolicLink()) return entry.isDirectory();
  return statSync(resolve(folder, entry.name), { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/**
 * Opens the file before checking it, so that both concern the same file. The open is non-blocking, so that a
 * pipe does not hang.
 */
function readBounded(absolute: string, path: string): Buffer {
  const descriptor = openSync(absolute, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stats = fstatSync(descriptor);
    if (stats.isDirectory()) throw new FileError(path, 'is a directory');
    if (!stats.isFile()) throw new FileError(path, 'is not a regular file');
    // The loop counts bytes and ignores the size in `stats`: the file may grow, and files in /proc have size
    // 0.
    const chunks: Buffer[] = [];
    for (let length = 0; length <= maxBytes; ) {
      const chunk = Buffer.allocUnsafe(chunkBytes);
      const read = readSync(descriptor, chunk, 0, chunkBytes, null);
      if (read === 0) return Buffer.concat(chunks);
      chunks.push(chunk.subarray(0, read));
      length += read;
    }
    throw new FileError(path, `is larger than ${maxBytes / 2 ** 20} MiB`);
  } finally {
    closeSync(descriptor);
  }
}
