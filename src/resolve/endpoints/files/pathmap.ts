/** Where files that a node's configuration names are found here: `{"/etc": "/host/etc"}`. Names shown to people stay the node's. */
import type { Files } from './files.ts';

/** Directory on the node, absolute → directory here. The longest directory that contains a path decides. */
export type PathMap = Readonly<Record<string, string>>;

/** The place here of `path` on the node; itself where no directory of the map contains it. */
export function mapPath(path: string, pathMap: PathMap): string {
  let best: { readonly from: string; readonly to: string } | null = null;
  for (const [key, to] of Object.entries(pathMap)) {
    const from = key.replace(/\/+$/, '');
    const within = path === from || path.startsWith(`${from}/`);
    if (within && (best === null || from.length > best.from.length)) best = { from, to };
  }
  return best === null ? path : best.to.replace(/\/+$/, '') + path.slice(best.from.length);
}

/** The same files under the names that the node knows them by. */
export function mappedFiles(files: Files, pathMap: PathMap): Files {
  return {
    read: (path) => files.read(mapPath(path, pathMap)),
    list: (path) => files.list(mapPath(path, pathMap)),
  };
}
