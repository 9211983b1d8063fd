/** Address in `server` of a hosts.toml, or in the name of a `[host."…"]` table, by containerd's rules, odd ones included. */
import { posix } from 'node:path';
import { DocumentError } from '../../../document/document-error.ts';
import { parseGoUrl } from '../../../util/text/go-url.ts';
import { clean } from '../../../util/text/text.ts';

export interface Server {
  /** Empty if no server is named: the image's own registry is meant. */
  readonly scheme: string;
  readonly host: string;
  /** API root. */
  readonly path: string;
}

/** Go's `path.Clean` for a path that is not empty. */
export function cleanPath(path: string): string {
  const normal = posix.normalize(path);
  return normal.length > 1 && normal.endsWith('/') ? normal.slice(0, -1) : normal;
}

/** The address; `/v2` is appended unless the path ends in it or `override_path` is set. Throws `DocumentError` if `server` is not a URL. */
export function decodeServer(server: string, overridePath: boolean): Server {
  if (server === '') return { scheme: '', host: '', path: '' };
  // containerd looks for "http", not for "http://": httpbin.example:5000 becomes a URL of scheme httpbin.example.
  const url = parseGoUrl(server.startsWith('http') ? server : `https://${server}`);
  if (url === null) throw new DocumentError('INVALID', `${clean(server, 120)} is not a URL`);
  const path = url.path === '' ? '' : cleanPath(url.path);
  const isComplete = overridePath || path.endsWith('/v2');
  return { scheme: url.scheme, host: url.host, path: isComplete ? path : `${path}/v2` };
}
