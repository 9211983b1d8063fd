/** `server` of a hosts.toml, or the name of a `[host."…"]` table, as an address. By containerd's rules, odd ones included. */
import { posix } from 'node:path';
import { parseGoUrl } from '../../../../util/text/go-url.ts';
import { clean } from '../../../../util/text/text.ts';
import { HostsFileError } from './hosts-file-error.ts';

export interface Server {
  /** Empty where no server is named: the image's own registry is meant. */
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

/** `/v2` is appended unless the path ends in it or is to be used as it is. Throws `HostsFileError` for what is no URL. */
export function decodeServer(server: string, overridePath: boolean): Server {
  if (server === '') return { scheme: '', host: '', path: '' };
  // containerd looks for "http", not for "http://": httpbin.example:5000 becomes a URL of scheme httpbin.example.
  const url = parseGoUrl(server.startsWith('http') ? server : `https://${server}`);
  if (url === null) throw new HostsFileError('HostsFileIgnored', `${clean(server, 120)} is no URL`);
  const path = url.path === '' ? '' : cleanPath(url.path);
  const complete = overridePath || path.endsWith('/v2');
  return { scheme: url.scheme, host: url.host, path: complete ? path : `${path}/v2` };
}
