/** Operator's limits on the endpoints of a mirror list: loopback addresses and `registry.allowedHosts`. */
import { matchesGlob } from '../../../util/text/glob.ts';
import { clean } from '../../../util/text/text.ts';
import type { Endpoint, Skip } from '../../endpoints/endpoint.ts';
import type { Reference } from '../../reference/reference.ts';

export interface EndpointLimits {
  /** `skip` to skip endpoints on a loopback address, which in a cluster means the node itself; `contact` to use them. */
  readonly loopback: 'skip' | 'contact';
  /** Globs on the upstream registries that may be contacted, matched against the image's domain and the host. */
  readonly allowedHosts: readonly string[];
}

/** Returns the same endpoints in the same order, with a skip for each that must not be contacted. */
export function applyLimits(
  endpoints: readonly Endpoint[],
  { domain }: Reference,
  limits: EndpointLimits,
): readonly Endpoint[] {
  return endpoints.map((endpoint) => {
    const skip = endpoint.skip ?? limit(endpoint, domain, limits);
    return skip === endpoint.skip ? endpoint : { ...endpoint, skip };
  });
}

function limit(endpoint: Endpoint, domain: string, { loopback, allowedHosts }: EndpointLimits): Skip | null {
  if (endpoint.nodeLocal && loopback === 'skip') return nodeLocal;
  if (endpoint.role === 'mirror') return null;
  const names = [domain, hostOf(endpoint)];
  if (allowedHosts.some((glob) => names.some((name) => matchesGlob(glob, name)))) return null;
  const message = `not asked: registry.allowedHosts does not list ${clean(domain)}`;
  return { reason: 'Blocked', message };
}

const nodeLocal: Skip = {
  reason: 'NodeLocal',
  message: 'not asked: its address means the node itself (registry.loopback)',
};

/** Returns `host:port` of an endpoint. */
export function hostOf({ url }: Endpoint): string {
  return new URL(url).host;
}
