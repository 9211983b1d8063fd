/**
 * Endpoints of a registry by CRI's older `registry.mirrors` (containerd's `registryEndpoints`), without certificates and
 * rewrites.
 */
import { parseGoUrl } from '../../../../util/text/go-url.ts';
import { registryHost } from '../../default.ts';
import { isLocalhost } from '../../loopback.ts';

/**
 * Returns CRI's scheme for an endpoint without one: http for every loopback registry, whatever its port. The rules of
 * `hosts.toml` are finer.
 */
export function criDefaultScheme(host: string): 'http' | 'https' {
  return isLocalhost(host) ? 'http' : 'https';
}

/** Returns the endpoint's URL, with CRI's default scheme if it has none. */
export function criEndpointUrl(endpoint: string): string {
  if (endpoint.includes('://')) return endpoint;
  return `${criDefaultScheme(parseGoUrl(`dummy://${endpoint}`)?.host ?? '')}://${endpoint}`;
}

export interface CriEndpoint {
  readonly url: string;
  /** True for the registry's own endpoint, which CRI adds and no file names. */
  readonly isDefault: boolean;
}

/**
 * Returns the endpoints of `domain`, whose mirror lists `urls`. The registry's own endpoint comes last unless one of the URLs
 * has the host `domain`; for docker.io, `registry-1.docker.io` is another host.
 */
export function criEndpoints(urls: readonly string[], domain: string): readonly CriEndpoint[] {
  const written = urls.map((url) => ({ url, isDefault: false }));
  if (urls.some((url) => parseGoUrl(url)?.host === domain)) return written;
  const host = registryHost(domain);
  return [...written, { url: `${criDefaultScheme(host)}://${host}`, isDefault: true }];
}
