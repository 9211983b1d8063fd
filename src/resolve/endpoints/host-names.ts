/** Names that one side cannot resolve: a node has no cluster DNS, a pod has no /etc/hosts of the node. By their form only: nothing is looked up. */
import { isIP } from 'node:net';
import type { Warning } from '../warning.ts';
import type { Endpoint, MirrorList } from './endpoint.ts';
import { warn } from './warn.ts';

/**
 * The same list with a warning for each configured endpoint whose name only pods (`ClusterName`) or only nodes
 * (`NodeName`) may know. `dialled`: is there an address of ours for this `host:port` (`registry.hosts`)?
 */
export function withNameWarnings(list: MirrorList, dialled: (host: string) => boolean): MirrorList {
  return {
    ...list,
    endpoints(reference) {
      const { endpoints, warnings } = list.endpoints(reference);
      const own = endpoints.flatMap((endpoint) => nameWarning(endpoint, dialled) ?? []);
      return own.length === 0 ? { endpoints, warnings } : { endpoints, warnings: [...warnings, ...own] };
    },
  };
}

function nameWarning(endpoint: Endpoint, dialled: (host: string) => boolean): Warning | null {
  const { source, nodeLocal, url } = endpoint;
  const parsed = URL.parse(url);
  if (source === null || nodeLocal || parsed === null) return null;
  const { hostname, host } = parsed;
  const name = hostname.replace(/\.$/, '');
  if (/\.svc(?:\.|$)|\.cluster\.local$/.test(name)) {
    const message = `as a rule only pods can resolve ${name}: nodes do not ask the cluster's DNS, so their pulls fail there and go on. Use a name or an address that the nodes know`;
    return warn('ClusterName', source, message);
  }
  if (name.includes('.') || name.startsWith('[') || isIP(name) !== 0 || dialled(host)) return null;
  const message = `nodes may know ${name} from /etc/hosts or a search domain, a pod does not. If it cannot be asked from here, give its address in registry.hosts`;
  return warn('NodeName', source, message);
}
