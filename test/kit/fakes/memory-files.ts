/** A file system in memory for the readers of mirror configurations. */
import { posix } from 'node:path';
import type { Files } from '../../../src/resolve/endpoints/files/files.ts';

/** Path → text; a path that ends in a slash is an empty directory. */
export function memoryFiles(content: Readonly<Record<string, string>>): Files {
  const paths = Object.keys(content).map((path) => posix.normalize(path));
  const texts = new Map(Object.entries(content).map(([path, text]) => [posix.normalize(path), text]));
  return {
    read: (path) => texts.get(posix.normalize(path)) ?? null,
    list: (path) => {
      const prefix = path === '.' ? '' : `${posix.normalize(path).replace(/\/$/, '')}/`;
      const below = paths.filter((each) => each.startsWith(prefix)).map((each) => each.slice(prefix.length));
      if (below.length === 0) return null;
      const names = below.filter((each) => each !== '').map((each) => each.replace(/\/.*$/s, '/'));
      return [...new Set(names)].sort();
    },
  };
}
