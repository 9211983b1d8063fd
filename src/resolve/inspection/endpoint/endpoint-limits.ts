/** Which endpoints of a node's list may be asked from here: the operator's limits laid over the node's configuration. */
import { matchesGlob } from '../../../util/text/glob.ts';
import { clean } from '../../../util/text/text.ts';
import type { Endpoint, Skip } from '../../endpoints/endpoint.ts';
import type { Reference } from '../../reference/reference.ts';

export interface EndpointLimits {
  /** What an endpoint on a loopback address is worth: in a cluster it means each node itself (rule 14). */
  readonly loopback: 'skip' | 'contact';
  /** Globs on the upstream registries that may be asked, as images name them or by their host. */
  readonly allowedHosts: readonly string[];
}

/** The same endpoints in the same order; those that may not be asked carry the reason. */
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
  message: 'not asked: its address means each node itself (registry.loopback)',
};

/** `host:port` of an endpoint. */
export function hostOf({ url }: Endpoint): string {
  return new URL(url).host;
}
