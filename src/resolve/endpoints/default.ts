/** Default endpoint of a registry without configuration, by containerd's rules. */
import { portOf } from '../../util/text/host-port.ts';
import type { Reference } from '../reference/reference.ts';
import {
  type Capability,
  type Endpoint,
  type EndpointList,
  type MirrorList,
  type PlainFallbackCause,
  plainTls,
} from './endpoint.ts';
import { isLocalhost, isNodeLocal } from './loopback.ts';
import { createMirrorList } from './mirror-list.ts';
import { parseContainerdVersion } from './runtime/containerd-version.ts';
import { allProfiles } from './runtime/runtime-profile.ts';
import { isAtLeast, newestContainerd, type RuntimeVersion } from './runtime/runtime-version.ts';
import { profilesOfRuntime } from './runtime/select-profiles.ts';

/** Capabilities of an endpoint without restrictions. */
export const allCapabilities: readonly Capability[] = ['pull', 'resolve', 'push', 'referrers'];

/** Returns the host that serves `domain`. Docker Hub's API host differs from the domain of its images. */
export function registryHost(domain: string): string {
  return domain === 'docker.io' ? 'registry-1.docker.io' : domain;
}

/**
 * Returns true if `host` serves `domain` itself. Otherwise the host is a proxy, and requests name the registry in `ns=`
 * (containerd's `isProxy`).
 */
export function isOwnHost(domain: string, host: string): boolean {
  return host === domain || host === registryHost(domain);
}

export interface DefaultAddress {
  readonly scheme: 'http' | 'https';
  readonly host: string;
  /** True for loopback registries, whose certificates containerd does not verify. */
  readonly skipVerify: boolean;
}

/** Returns the default address of `domain`: https, or http for a loopback registry with a port other than 443. */
export function defaultAddress(domain: string): DefaultAddress {
  const host = registryHost(domain);
  if (!isLocalhost(host)) return { scheme: 'https', host, skipVerify: false };
  const port = portOf(host);
  return { scheme: port === '' || port === '443' ? 'https' : 'http', host, skipVerify: port !== '80' };
}

/**
 * Returns true if containerd tries an http endpoint by https first, which it does if there are TLS settings and the port is
 * not 80 (`NewHTTPFallback`).
 */
export function isHttpsFirst(scheme: string, host: string, hasTlsSettings: boolean): boolean {
  return scheme === 'http' && hasTlsSettings && portOf(host) !== '80';
}

/**
 * Returns the failures after which containerd falls back to http at an endpoint that it tries by https first. Versions before
 * 1.6.32 and 1.7.16 fall back only after an HTTP response.
 */
export function containerdFallback(host: string, version: RuntimeVersion): readonly PlainFallbackCause[] {
  const { major, minor } = version;
  const isOld = major === 1 && minor <= 6;
  if (!isAtLeast(version, 1, isOld ? 6 : 7, isOld ? 32 : 16)) return ['HttpAnswer'];
  const onPortErrors = !isOld && isAtLeast(version, 1, 7, 24) && portOf(host) === '';
  return onPortErrors
    ? ['HttpAnswer', 'HandshakeTimeout', 'ConnectionRefused', 'ConnectTimeout']
    : ['HttpAnswer', 'HandshakeTimeout'];
}

/** Returns the facts about a version on which `containerdFallback` depends, as part of a list's identity. */
export function fallbackRules(version: RuntimeVersion): readonly unknown[] {
  return ['host', 'host:5000'].map((host) => containerdFallback(host, version));
}

/** Returns the endpoint of a registry that no configuration mentions. */
export function defaultEndpoint(reference: Reference, version = newestContainerd): Endpoint {
  const { scheme, host, skipVerify } = defaultAddress(reference.domain);
  const httpsFirst = isHttpsFirst(scheme, host, skipVerify);
  const url = `${httpsFirst ? 'https' : scheme}://${host}/v2`;
  return {
    url,
    role: 'upstream',
    capabilities: allCapabilities,
    namespace: null,
    repository: reference.path,
    tls: { ...plainTls, skipVerify },
    plainFallback: httpsFirst ? containerdFallback(host, version) : [],
    headers: {},
    dialTimeoutMs: null,
    credential: null,
    nodeLocal: isNodeLocal(url),
    source: null,
    skip: null,
  };
}

/** Mirror list of a node without mirror configuration and with an unknown runtime. */
export const upstreamOnly: MirrorList = {
  id: 'upstream-only',
  profiles: allProfiles,
  endpoints: (reference: Reference): EndpointList => ({
    endpoints: [defaultEndpoint(reference)],
    warnings: [],
  }),
};

/** Returns the list of a node without mirror configuration, by its `containerRuntimeVersion`. */
export function upstreamOnlyFor(runtime: string): MirrorList {
  const profiles = profilesOfRuntime(runtime);
  const version = parseContainerdVersion(runtime.startsWith('containerd:') ? runtime : 'auto');
  return createMirrorList({
    format: 'upstream-only',
    profiles,
    content: fallbackRules(version),
    endpoints: (reference) => ({ endpoints: [defaultEndpoint(reference, version)], warnings: [] }),
  });
}
