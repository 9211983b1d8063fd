/** What a person should know about an endpoint of a containerd list. Changes nothing about it. */
import type { Warning } from '../../warning.ts';
import type { Endpoint } from '../endpoint.ts';
import { warn } from '../warn.ts';
import type { ResolvedHost } from './hosts-toml/resolve-hosts.ts';

export function endpointWarnings(endpoint: Endpoint, host: ResolvedHost): readonly Warning[] {
  const { url, source, skip, nodeLocal } = endpoint;
  if (!/^https?:/.test(url)) return [warn('UnusableHost', source, skip?.message ?? url)];
  if (host.implicit || nodeLocal) return [];
  if (host.scheme === 'http') {
    return [
      warn('PlainHttp', source, `${url} is asked in plain http: anybody on the way can change answers`),
    ];
  }
  if (!host.httpFallback) return [];
  const message = `${url} is written as http:// and has TLS settings: the node tries https first, then plain http. Write https:// or remove the settings`;
  return [warn('HttpsFirst', source, message)];
}
