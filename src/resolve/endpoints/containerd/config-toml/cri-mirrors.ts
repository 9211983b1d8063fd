/** CRI's older `registry.mirrors`: which endpoints serve a registry (its `registryEndpoints`). Knows neither certificates nor rewrites. */
import { parseGoUrl } from '../../../../util/text/go-url.ts';
import { registryHost } from '../../default.ts';
import { isLocalhost } from '../../loopback.ts';

/** http for every loopback registry, whatever its port; `hosts.toml` has finer rules. */
export function criDefaultScheme(host: string): 'http' | 'https' {
  return isLocalhost(host) ? 'http' : 'https';
}

/** The endpoint with a scheme. */
export function criEndpointUrl(endpoint: string): string {
  if (endpoint.includes('://')) return endpoint;
  return `${criDefaultScheme(parseGoUrl(`dummy://${endpoint}`)?.host ?? '')}://${endpoint}`;
}

export interface CriEndpoint {
  readonly url: string;
  /** Not written, but the registry's own endpoint. */
  readonly isDefault: boolean;
}

/** The endpoints of `domain`, for which a mirror writes `urls`. The registry's own comes last unless one of them is on the host `domain`: for docker.io, `registry-1.docker.io` is not. */
export function criEndpoints(urls: readonly string[], domain: string): readonly CriEndpoint[] {
  const written = urls.map((url) => ({ url, isDefault: false }));
  if (urls.some((url) => parseGoUrl(url)?.host === domain)) return written;
  const host = registryHost(domain);
  return [...written, { url: `${criDefaultScheme(host)}://${host}`, isDefault: true }];
}
