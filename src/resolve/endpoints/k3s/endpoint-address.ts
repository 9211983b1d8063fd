/** Parser of an endpoint of `registries.yaml`, by k3s's rules. */
import { parseGoUrl } from '../../../util/text/go-url.ts';
import { registryHost } from '../default.ts';
import { isLocalhost } from '../loopback.ts';

export interface K3sAddress {
  /** URL with the path escaped, `scheme://host/path`. */
  readonly url: string;
  readonly host: string;
  /** Name of the registry under which `configs` has the endpoint's credentials and certificates. */
  readonly registry: string;
  /** True if the path is used without change; false if it is `/v2`, the default. */
  readonly overridePath: boolean;
}

/**
 * Returns null if `text` is not a URL. `embedded` is the address of the node's own registry, which uses https on a port that
 * would otherwise mean http.
 */
export function parseAddress(text: string, embedded: string | null): K3sAddress | null {
  const url = parseGoUrl(text.includes('://') ? text : `//${text}`);
  if (url === null) return null;
  const host = registryHost(url.host);
  const scheme = url.scheme === '' ? defaultScheme(url.host, embedded) : url.scheme;
  const overridePath = !['', '/', '/v2'].includes(url.path);
  return {
    url: `${scheme}://${host}${overridePath ? escaped(url.path) : '/v2'}`,
    host,
    registry: host === 'registry-1.docker.io' ? 'docker.io' : url.host,
    overridePath,
  };
}

function defaultScheme(host: string, embedded: string | null): 'http' | 'https' {
  const port = /:(\d+)$/.exec(host)?.[1] ?? '';
  const isPlain = isLocalhost(host) && port !== '' && port !== '443' && host !== embedded;
  return isPlain ? 'http' : 'https';
}

function escaped(path: string): string {
  return encodeURI(path).replace(/[?#]/g, encodeURIComponent);
}
