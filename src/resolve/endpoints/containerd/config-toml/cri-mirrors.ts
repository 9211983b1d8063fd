/** Endpoints of a registry by CRI's older `registry.mirrors` (its `registryEndpoints`), without certificates and rewrites. */
import { parseGoUrl } from '../../../../util/text/go-url.ts';
import { registryHost } from '../../default.ts';
import { isLocalhost } from '../../loopback.ts';

/** CRI's scheme for an endpoint without one: http for every loopback registry, whatever its port; `hosts.toml` has finer rules. */
export function criDefaultScheme(host: string): 'http' | 'https' {
  return isLocalhost(host) ? 'http' : 'https';
}

/** Returns the endpoint with a scheme. */
export function criEndpointUrl(endpoint: string): string {
  if (endpoint.includes('://')) return endpoint;
  return `${criDefaultScheme(parseGoUrl(`dummy://${endpoint}`)?.host ?? '')}://${endpoint}`;
}

export interface CriEndpoint {
  readonly url: string;
  /** The registry's own endpoint, which is not written. */
  readonly isDefault: boolean;
}

/** The endpoints of `domain`, for which a mirror writes `urls`. The registry's own comes last unless one of them is on the host `domain`: for docker.io, `registry-1.docker.io` is not. */
export function criEndpoints(urls: readonly string[], domain: string): readonly CriEndpoint[] {
  const written = urls.map((url) => ({ url, isDefault: false }));
  if (urls.some((url) => parseGoUrl(url)?.host === domain)) return written;
  const host = registryHost(domain);
  return [...written, { url: `${criDefaultScheme(host)}://${host}`, isDefault: true }];
}
