/** A file system in memory for the readers of mirror configurations. */
import { posix } from 'node:path';
import type { Files } from '../../../src/resolve/endpoints/files/files.ts';

/** Path → text or bytes; a path that ends in a slash is an empty directory. */
export function memoryFiles(content: Readonly<Record<string, string | Uint8Array>>): Files {
  const paths = Object.keys(content).map((path) => posix.normalize(path));
  const texts = new Map(Object.entries(content).map(([path, text]) => [posix.normalize(path), text]));
  const readBytes = (path: string): Uint8Array | null => {
    const found = texts.get(posix.normalize(path));
    return typeof found === 'string' ? Buffer.from(found) : (found ?? null);
  };
  return {
    read: (path) => {
      const bytes = readBytes(path);
      return bytes && Buffer.from(bytes).toString('utf8');
    },
    readBytes,
    list: (path) => {
      const prefix = path === '.' ? '' : `${posix.normalize(path).replace(/\/$/, '')}/`;
      const below = paths.filter((each) => each.startsWith(prefix)).map((each) => each.slice(prefix.length));
      if (below.length === 0) return null;
      const names = below.filter((each) => each !== '').map((each) => each.replace(/\/.*$/s, '/'));
      return [...new Set(names)].sort();
    },
  };
}
