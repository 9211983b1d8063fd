/** A resolved host × image → `Endpoint`. Which hosts there are, and in which order, was decided before. */
import type { Reference } from '../../reference/reference.ts';
import type { Warning } from '../../warning.ts';
import { containerdFallback, isOwnHost } from '../default.ts';
import type { Endpoint, EndpointList } from '../endpoint.ts';
import { isNodeLocal } from '../loopback.ts';
import { rewriteRepository } from '../rewrite.ts';
import type { RuntimeVersion } from '../runtime/runtime-version.ts';
import { endpointWarnings } from './endpoint-quirks.ts';
import { lacksCapability, unclearRewrite, unusable } from './endpoint-skip.ts';
import type { LoadedHost } from './hosts-toml/loaded-host.ts';
import { type ResolvedHost, resolveHosts } from './hosts-toml/resolve-hosts.ts';
import { cleanPath } from './hosts-toml/server.ts';

/** The list of `hosts` for `reference`; only the last of them may leave its server to the defaults. */
export function endpointsOf(
  reference: Reference,
  hosts: readonly LoadedHost[],
  version: RuntimeVersion,
): EndpointList {
  const resolved = resolveHosts(
    reference.domain,
    hosts.map(({ table }) => table),
  );
  const endpoints: Endpoint[] = [];
  const warnings: Warning[] = [];
  for (const [index, host] of resolved.entries()) {
    const loaded = hosts[index];
    if (!loaded) continue;
    const endpoint = endpointOf(reference, loaded, host, version);
    endpoints.push(endpoint);
    warnings.push(...loaded.warnings, ...endpointWarnings(endpoint, host));
  }
  return { endpoints, warnings: distinct(warnings) };
}

/** Endpoints that share rules share what is odd about them. */
function distinct(warnings: readonly Warning[]): readonly Warning[] {
  return [...new Map(warnings.map((each) => [JSON.stringify(each), each])).values()];
}

function endpointOf(
  reference: Reference,
  loaded: LoadedHost,
  host: ResolvedHost,
  version: RuntimeVersion,
): Endpoint {
  const { table, certificates } = loaded;
  const url = urlOf(host);
  const rewritten = rewriteRepository(loaded.rewrites, reference.path);
  const own = isOwnHost(reference.domain, host.host);
  return {
    url,
    role: own ? 'upstream' : loaded.role,
    capabilities: host.capabilities,
    namespace: own ? null : reference.domain,
    repository: rewritten.kind === 'rewritten' ? rewritten.repository : reference.path,
    tls: { ...certificates.tls, skipVerify: host.insecureSkipVerify },
    plainFallback: host.httpFallback ? containerdFallback(host.host, version) : [],
    headers: Object.fromEntries(table.header ?? []),
    // Zero is Go's "no limit"; a negative time has run out before it began.
    dialTimeoutMs: table.dialTimeoutMs ? Math.max(1, Math.ceil(table.dialTimeoutMs)) : null,
    credential: loaded.credential,
    nodeLocal: isNodeLocal(url),
    source: table.source,
    skip:
      unusable(host, table) ??
      lacksCapability(reference, host.capabilities) ??
      certificates.skip ??
      unclearRewrite(rewritten),
  };
}

/** Go writes the path into the URL unescaped, so only what would end it is escaped here. */
function urlOf({ scheme, host, path }: ResolvedHost): string {
  const root = cleanPath(`/${path}`).replace(/^\/$/, '');
  const url = `${scheme}://${host}${encodeURI(root).replace(/[?#]/g, encodeURIComponent)}`;
  // Others may take the URL apart, even that of an endpoint which nobody asks; URL reads https:///v2 as the host v2.
  return URL.canParse(url) && !/^https?:\/{3}/.test(url) ? url : `invalid:${encodeURIComponent(url)}`;
}
