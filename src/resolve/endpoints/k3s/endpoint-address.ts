/** An endpoint of `registries.yaml` as an address, by k3s's rules. */
import { parseGoUrl } from '../../../util/text/go-url.ts';
import { registryHost } from '../default.ts';
import { isLocalhost } from '../loopback.ts';

export interface K3sAddress {
  /** `scheme://host/path`, the path escaped. */
  readonly url: string;
  readonly host: string;
  /** Registry under whose name `configs` has credentials and certificates for it. */
  readonly registry: string;
  /** The path is used as it is; without a path it is `/v2`. */
  readonly overridePath: boolean;
}

/** null if `text` is not a URL. `embedded` is the node's own registry, which speaks https on a port that suggests http. */
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
