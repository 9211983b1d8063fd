/** Endpoints of dockerd with containerd's image store: `certs.d` as containerd reads it, with `daemon.json` merged in (moby `mergeLegacyConfig`). */
import type { Reference } from '../../reference/reference.ts';
import type { Warning } from '../../warning.ts';
import { allCapabilities, containerdFallback, isOwnHost } from '../default.ts';
import { newestContainerd } from '../runtime/runtime-version.ts';
import type { Endpoint, EndpointList } from '../endpoint.ts';
import { isNodeLocal } from '../loopback.ts';
import type { DaemonConfig, DockerMirror } from './daemon-json.ts';
import { dependsOnLookup, isInsecure, type Names } from '../insecure-registries.ts';
import { isReachable } from './mirror.ts';
import { insecureShared, networkNotLookedUp, unusableMirror } from './mirror-warnings.ts';
import { storeHost } from './store-hosts.ts';

/**
 * Returns the endpoints. `own` has those that containerd contacts with `certs.d` alone; if it contains mirrors, `daemon.json`
 * has no effect.
 */
export function storeEndpoints(
  reference: Reference,
  own: EndpointList,
  config: DaemonConfig,
  names: Names,
): EndpointList {
  const [upstream, ...others] = own.endpoints;
  if (upstream === undefined || others.length > 0) return own;
  const mirrors = reference.domain === 'docker.io' ? config.mirrors : [];
  const usable = mirrors.filter((mirror) => isReachable(mirror.url, storeUrl(mirror, upstream)));
  const endpoints = [...usable.map((mirror) => mirrorEndpoint(mirror, reference, upstream)), upstream];
  const warnings = [
    ...own.warnings,
    ...mirrors.filter((mirror) => !usable.includes(mirror)).map(unusableMirror),
    ...usable
      .filter((mirror) => isInsecure(config.insecure, hostOf(storeUrl(mirror, upstream)), names))
      .map(insecureShared),
    ...endpoints.flatMap(({ url }) => networkWarning(hostOf(url), config, names)),
  ];
  return { endpoints: endpoints.map((each) => withInsecureSetting(each, config, names)), warnings };
}

function storeUrl(mirror: DockerMirror, upstream: Endpoint): string {
  const { protocol, host, pathname } = new URL(upstream.url);
  const own = { scheme: protocol.slice(0, -1), host, path: pathname, capabilities: allCapabilities };
  const target = storeHost(mirror.url, own);
  return `${target.scheme}://${target.host}${target.path}`;
}

/**
 * Returns the upstream's settings with the mirror's address. The certificates come from `certs.d/docker.io`, never from a
 * directory of the mirror.
 */
function mirrorEndpoint(mirror: DockerMirror, reference: Reference, upstream: Endpoint): Endpoint {
  const url = storeUrl(mirror, upstream);
  return {
    ...upstream,
    url,
    role: 'mirror',
    capabilities: ['pull', 'resolve', 'referrers'],
    namespace: isOwnHost(reference.domain, hostOf(url)) ? null : reference.domain,
    nodeLocal: isNodeLocal(url),
    source: mirror.source,
  };
}

function withInsecureSetting(endpoint: Endpoint, config: DaemonConfig, names: Names): Endpoint {
  if (!isInsecure(config.insecure, hostOf(endpoint.url), names)) return endpoint;
  const plainFallback: Endpoint['plainFallback'] = endpoint.url.startsWith('https://')
    ? containerdFallback(hostOf(endpoint.url), newestContainerd)
    : [];
  return { ...endpoint, tls: { ...endpoint.tls, skipVerify: true }, plainFallback };
}

function networkWarning(host: string, { insecure }: DaemonConfig, names: Names): readonly Warning[] {
  const looksUp = !isInsecure(insecure, host, names) && dependsOnLookup(insecure, host);
  return looksUp ? [networkNotLookedUp(host)] : [];
}

function hostOf(url: string): string {
  return /^[^/]*\/\/([^/]*)/.exec(url)?.[1] ?? '';
}
