/**
 * Guard against requests that a web page may have caused: a page must not read a cluster's images, while
 * Docker clients may.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';

/**
 * Returns why the request is rejected; null if it is served. On a unix socket the `Host` header is not
 * checked: clients send `docker`, `api.moby.localhost` or the socket's path there, and no browser can connect
 * to it. Over TCP a host other than localhost may be one that an attacker's name server resolves to this
 * machine (DNS rebinding).
 */
export function browserProblem(headers: IncomingHttpHeaders, socket: 'unix' | 'tcp'): string | null {
  if (headers.origin !== undefined) {
    return 'requests of web pages are not served: the request has the header Origin';
  }
  if (headers['sec-fetch-site'] === 'cross-site') {
    return 'requests of web pages are not served: the request says Sec-Fetch-Site: cross-site';
  }
  if (socket === 'tcp' && !isAddressOrLocalhost(headers.host ?? '')) {
    return 'the header Host must be an IP address or localhost; ask for this server by one of them';
  }
  return null;
}

function isAddressOrLocalhost(host: string): boolean {
  const [, bracketed, plain = ''] = /^(?:\[([^\]]*)\]|([^:]*))(?::\d*)?$/.exec(host) ?? [];
  if (bracketed !== undefined) return isIP(bracketed) === 6;
  return isIP(plain) === 4 || plain.toLowerCase() === 'localhost';
}
