/**
 * Decoder of the address in `server` of a hosts.toml or in the name of a `[host."…"]` table. It follows containerd, odd cases
 * included.
 */
import { posix } from 'node:path';
import { DocumentError } from '../../../document/document-error.ts';
import { parseGoUrl } from '../../../util/text/go-url.ts';
import { clean } from '../../../util/text/text.ts';

export interface Server {
  /** Empty if the table names no server, which means the image's own registry. */
  readonly scheme: string;
  readonly host: string;
  /** API root. */
  readonly path: string;
}

/** Cleans a path that is not empty as Go's `path.Clean` does. */
export function cleanPath(path: string): string {
  const normal = posix.normalize(path);
  return normal.length > 1 && normal.endsWith('/') ? normal.slice(0, -1) : normal;
}

/**
 * Returns the address. It appends `/v2` unless the path already ends in it or `override_path` is set. Throws `DocumentError`
 * if `server` is not a URL.
 */
export function decodeServer(server: string, overridePath: boolean): Server {
  if (server === '') return { scheme: '', host: '', path: '' };
  // containerd tests for "http", not for "http://", so httpbin.example:5000 becomes a URL with the scheme httpbin.example.
  const url = parseGoUrl(server.startsWith('http') ? server : `https://${server}`);
  if (url === null) throw new DocumentError('INVALID', `${clean(server, 120)} is not a URL`);
  const path = url.path === '' ? '' : cleanPath(url.path);
  const isComplete = overridePath || path.endsWith('/v2');
  return { scheme: url.scheme, host: url.host, path: isComplete ? path : `${path}/v2` };
}
