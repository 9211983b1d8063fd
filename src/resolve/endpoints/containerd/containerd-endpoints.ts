/**
 * Converts the resolved hosts of a containerd configuration into the `Endpoint`s of one image. Earlier modules have decided
 * which hosts there are and in which order.
 */
import type { Reference } from '../../reference/reference.ts';
import type { Warning } from '../../warning.ts';
import { containerdFallback, isOwnHost } from '../default.ts';
import type { Endpoint, EndpointList } from '../endpoint.ts';
import { isNodeLocal } from '../loopback.ts';
import type { RuntimeVersion } from '../runtime/runtime-version.ts';
import { warn } from '../warn.ts';
import { lacksCapability, unclearRewrite, unusable } from './endpoint-skip.ts';
import type { LoadedHost } from './loaded-host.ts';
import { type ResolvedHost, resolveHosts } from './resolve-hosts.ts';
import { cleanPath } from './server.ts';
import { rewriteRepository } from './rewrite.ts';

/** Returns the endpoints of `hosts` for `reference`. Only the last host may leave its server to the defaults. */
export function containerdEndpoints(
  reference: Reference,
  hosts: readonly LoadedHost[],
  version: RuntimeVersion,
): EndpointList {
  const resolved = resolveHosts(
    reference.domain,
    hosts.map(({ table }) => table),
  );
  const hasPull = resolved.some(({ capabilities }) => capabilities.includes('pull'));
  const endpoints: Endpoint[] = [];
  const warnings: Warning[] = [];
  for (const [index, host] of resolved.entries()) {
    const loaded = hosts[index];
    if (!loaded) continue;
    const endpoint = toEndpoint(reference, loaded, host, { version, hasPull });
    endpoints.push(endpoint);
    warnings.push(...loaded.warnings, ...endpointWarnings(endpoint, host));
  }
  return { endpoints, warnings: withoutDuplicates(warnings) };
}

/** Removes repeated warnings: endpoints that share rewrite rules have the same warnings about them. */
function withoutDuplicates(warnings: readonly Warning[]): readonly Warning[] {
  return [...new Map(warnings.map((each) => [JSON.stringify(each), each])).values()];
}

interface ListContext {
  readonly version: RuntimeVersion;
  /** True if any host of the list has the capability `pull`. */
  readonly hasPull: boolean;
}

function toEndpoint(
  reference: Reference,
  loaded: LoadedHost,
  host: ResolvedHost,
  { version, hasPull }: ListContext,
): Endpoint {
  const { table, certificates } = loaded;
  const url = urlOf(host);
  const rewritten = rewriteRepository(loaded.rewrites, reference.path);
  const isOwn = isOwnHost(reference.domain, host.host);
  return {
    url,
    role: isOwn ? 'upstream' : loaded.role,
    capabilities: host.capabilities,
    namespace: isOwn ? null : reference.domain,
    repository: rewritten.kind === 'rewritten' ? rewritten.repository : reference.path,
    tls: { ...certificates.tls, skipVerify: host.insecureSkipVerify },
    plainFallback: host.httpFallback ? containerdFallback(host.host, version) : [],
    headers: Object.fromEntries(table.header ?? []),
    // Go treats zero as no limit, and a negative time has run out before the attempt begins.
    dialTimeoutMs: table.dialTimeoutMs ? Math.max(1, Math.ceil(table.dialTimeoutMs)) : null,
    credential: loaded.credential,
    nodeLocal: isNodeLocal(url),
    source: table.source,
    skip:
      unusable(host, table) ??
      lacksCapability(reference, host.capabilities, hasPull) ??
      certificates.skip ??
      unclearRewrite(rewritten),
  };
}

/**
 * Returns the URL of a host. Go writes the path into the URL unescaped, so this escapes only characters that would end the
 * path.
 */
function urlOf({ scheme, host, path }: ResolvedHost): string {
  const root = cleanPath(`/${path}`).replace(/^\/$/, '');
  const url = `${scheme}://${host}${encodeURI(root).replace(/[?#]/g, encodeURIComponent)}`;
  // Other modules may parse the URL, even that of a skipped endpoint. `URL` reads https:///v2 as the host v2.
  return URL.canParse(url) && !/^https?:\/{3}/.test(url) ? url : `invalid:${encodeURIComponent(url)}`;
}

function endpointWarnings(endpoint: Endpoint, host: ResolvedHost): readonly Warning[] {
  const { url, source, skip, nodeLocal } = endpoint;
  if (!/^https?:/.test(url)) return [warn('UnusableHost', source, skip?.message ?? url)];
  const warnings: Warning[] = [];
  if (skip?.mayServe) warnings.push(warn('PullCapability', source, withoutPull(url)));
  if (host.implicit || nodeLocal) return warnings;
  if (host.scheme === 'http') {
    const message = `${url} is asked in plain http: anyone on the network path can change its answers`;
    warnings.push(warn('PlainHttp', source, message));
  } else if (host.httpFallback) {
    const message = `${url} is written as http:// and has TLS settings: the node tries https first, then plain http. Write https:// or remove the settings`;
    warnings.push(warn('HttpsFirst', source, message));
  }
  return warnings;
}

function withoutPull(url: string): string {
  return `${url} lacks the capability pull, and containerd asks it for content all the same when the hosts before it fail; it is skipped here. Add pull or remove the host`;
}
