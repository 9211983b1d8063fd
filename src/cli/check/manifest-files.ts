/**
 * Reader of the manifest files that the command line names: files, folders and standard input, decoded as
 * UTF-8.
 */
import type { Dirent } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { clean } from '../../util/text/text.ts';
import { type Io, UsageError } from '../io.ts';

export interface ManifestFile {
  /** Path of the file as given, or `stdin`. */
  readonly source: string;
  /** Content of the file; null if its bytes are not UTF-8. */
  readonly text: string | null;
}

// Limit of one file. Real manifests are far smaller; the limit ends the reading of an endless file such as
// /dev/zero.
const maxBytes = 256 * 2 ** 20;

/** Reads all files. Throws `UsageError` for a path that cannot be read. */
export async function readManifestFiles(
  paths: readonly string[],
  recursive: boolean,
  io: Pick<Io, 'readStdin'>,
): Promise<readonly ManifestFile[]> {
  const files: ManifestFile[] = [];
  for (const path of paths) {
    try {
      if (path === '-') files.push({ source: 'stdin', text: decode(await io.readStdin(maxBytes)) });
      else for (const file of await expand(path, recursive)) files.push(await read(file));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new UsageError(`${clean(path)}: cannot be read: ${clean(reason)}`, { cause: error });
    }
  }
  return files;
}

/** Returns the file itself, or the manifests in a folder, recognised by the extensions that kubectl reads. */
async function expand(path: string, recursive: boolean): Promise<readonly string[]> {
  if (!(await stat(path)).isDirectory()) return [path];
  const entries = await readdir(path, { withFileTypes: true, recursive });
  const files = entries.filter(isManifest).map((entry) => join(entry.parentPath, entry.name));
  if (files.length === 0) throw new Error('the folder contains no .yaml, .yml or .json file');
  return files.sort();
}

function isManifest(entry: Dirent): boolean {
  return !entry.isDirectory() && /\.(?:ya?ml|json)$/.test(entry.name);
}

async function read(path: string): Promise<ManifestFile> {
  const { size } = await stat(path);
  if (size > maxBytes) throw new Error(`larger than ${maxBytes / 2 ** 20} MiB`);
  return { source: path, text: decode(await readFile(path)) };
}

function decode(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}
