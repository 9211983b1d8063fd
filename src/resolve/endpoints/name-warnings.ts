/**
 * Warnings about host names that only nodes or only pods can resolve: nodes do not query the cluster's DNS, and pods do not
 * have the node's /etc/hosts. The form of the name decides; nothing is looked up.
 */
import { isIP } from 'node:net';
import type { Warning } from '../warning.ts';
import type { Endpoint, MirrorList } from './endpoint.ts';
import { warn } from './warn.ts';

/**
 * Returns the list with a warning for each configured endpoint whose name probably only pods (`ClusterName`) or only nodes
 * (`NodeName`) can resolve. `hasDialAddress` returns true if `registry.hosts` has an address for a `host:port`.
 */
export function withNameWarnings(list: MirrorList, hasDialAddress: (host: string) => boolean): MirrorList {
  return {
    ...list,
    endpoints(reference) {
      const { endpoints, warnings } = list.endpoints(reference);
      const own = endpoints.flatMap((endpoint) => nameWarning(endpoint, hasDialAddress) ?? []);
      return own.length === 0 ? { endpoints, warnings } : { endpoints, warnings: [...warnings, ...own] };
    },
  };
}

function nameWarning(endpoint: Endpoint, hasDialAddress: (host: string) => boolean): Warning | null {
  const { source, nodeLocal, url } = endpoint;
  const parsed = URL.parse(url);
  if (source === null || nodeLocal || parsed === null) return null;
  const { hostname, host } = parsed;
  const name = hostname.replace(/\.$/, '');
  if (/\.svc(?:\.|$)|\.cluster\.local$/.test(name)) {
    const message = `usually only pods can resolve ${name}: nodes do not ask the cluster's DNS, so their pulls fail there and go on. Use a name or an address that the nodes resolve`;
    return warn('ClusterName', source, message);
  }
  if (name.includes('.') || name.startsWith('[') || isIP(name) !== 0 || hasDialAddress(host)) return null;
  const message = `nodes may resolve ${name} by /etc/hosts or a search domain, and pods do not. If it cannot be reached from here, give its address in registry.hosts`;
  return warn('NodeName', source, message);
}
