/**
 * Converter of `registries.yaml` to the endpoints that k3s writes into each registry's `hosts.toml` (k3s's `getHostConfigs`).
 * It reads no files.
 */
import { clean } from '../../../util/text/text.ts';
import type { Warning } from '../../warning.ts';
import { registryHost } from '../default.ts';
import type { ConfigSource } from '../endpoint.ts';
import { isLocalhost } from '../loopback.ts';
import { warn } from '../warn.ts';
import { type K3sAddress, parseAddress } from './endpoint-address.ts';
import type { K3sMirror, Registries, RegistryConfig, TlsFiles } from './registries.ts';
import { configWarnings, mirrorWarnings } from './registries-warnings.ts';

export interface K3sEndpoint {
  /**
   * Empty or null in the wildcard entry, for the image's own registry. It is null if `*` has only an entry under `configs`.
   */
  readonly url: string | null;
  readonly overridePath: boolean;
  readonly rewrites: ReadonlyMap<string, string>;
  readonly config: RegistryConfig | null;
  /** null for an endpoint that no file names, because k3s adds it by default. */
  readonly source: ConfigSource | null;
}

/** The content of the `hosts.toml` that k3s writes for one registry. */
export interface HostConfig {
  readonly endpoints: readonly K3sEndpoint[];
  /** Endpoint that is tried last; null if it is disabled. */
  readonly fallback: K3sEndpoint | null;
  readonly warnings: readonly Warning[];
}

/** The node's own registry (`--embedded-registry`), which becomes the first mirror of every registry under `mirrors`. */
export interface EmbeddedRegistry {
  readonly address: string;
  readonly tls: TlsFiles | null;
}

export interface K3sSettings {
  /** True if the nodes run with `--disable-default-registry-endpoint`. */
  readonly disableDefaultEndpoint: boolean;
  readonly embedded: EmbeddedRegistry | null;
}

/** Name of the entry for all registries without an entry of their own. */
export const wildcardEntry = '_default';

/** Maps each registry to what k3s writes for it. Registries without settings are absent. */
export function hostConfigs(registries: Registries, settings: K3sSettings): ReadonlyMap<string, HostConfig> {
  const { mirrors, configs } = settings.embedded
    ? withEmbeddedMirror(registries, settings.embedded)
    : registries;
  const embedded = settings.embedded?.address ?? null;
  const hosts = new Map<string, HostConfig>();
  for (const [name, config] of configs) {
    const fallback = ownEndpoint(name, config, embedded);
    if (!fallback) continue;
    const warnings = configWarnings(name, config, mirrors);
    hosts.set(directoryName(name), { endpoints: [], fallback, warnings });
  }
  for (const [name, mirror] of mirrors) {
    // k3s searches for "*", but has stored the entry as "_default", so it loses the wildcard's own configuration.
    const before = name === '*' ? undefined : hosts.get(name);
    const fallback = before ? before.fallback : mirrorDefault(name, configs, settings);
    if (fallback === undefined) continue;
    const host = mirrorHosts(mirror, fallback, configs, embedded);
    const warnings = [...mirrorWarnings(name, mirror, configs, settings), ...host.warnings];
    hosts.set(directoryName(name), { ...host, warnings });
  }
  return new Map([...hosts].filter(([, host]) => host.endpoints.length > 0 || hasConfig(host.fallback)));
}

function directoryName(name: string): string {
  return name === '*' ? wildcardEntry : name;
}

/** Adds the embedded registry as the first mirror, as Spegel's `InjectMirror` does. */
function withEmbeddedMirror(
  { mirrors, configs }: Pick<Registries, 'mirrors' | 'configs'>,
  { address, tls }: EmbeddedRegistry,
): Pick<Registries, 'mirrors' | 'configs'> {
  const text = `https://${address}/v2`;
  const add = (mirror: K3sMirror): K3sMirror => ({
    ...mirror,
    endpoints: [{ text, source: mirror.source }, ...mirror.endpoints],
  });
  return {
    mirrors: new Map([...mirrors].map(([name, mirror]) => [name, isLocalhost(name) ? mirror : add(mirror)])),
    configs: new Map([...configs, [address, { auth: null, tls, source: null }]]),
  };
}

/** Returns the registry's own endpoint; undefined if its name is not an address, because k3s then leaves the entry out. */
function ownEndpoint(
  name: string,
  config: RegistryConfig | null,
  embedded: string | null,
): K3sEndpoint | undefined {
  const address = parseAddress(name, embedded);
  if (address === null) return undefined;
  const url = name === '*' ? null : address.url;
  return { url, overridePath: false, rewrites: new Map(), config, source: config?.source ?? null };
}

/** Returns the own endpoint of a registry that has an entry only under `mirrors`; null if default endpoints are disabled. */
function mirrorDefault(
  name: string,
  configs: Registries['configs'],
  { disableDefaultEndpoint, embedded }: K3sSettings,
): K3sEndpoint | null | undefined {
  const fallback = ownEndpoint(name, configFor(configs, name), embedded?.address ?? null);
  if (fallback === undefined) return undefined;
  if (disableDefaultEndpoint) return null;
  return name === '*' ? { ...fallback, url: '', config: null, source: null } : fallback;
}

function mirrorHosts(
  mirror: K3sMirror,
  fallback: K3sEndpoint | null,
  configs: Registries['configs'],
  embedded: string | null,
): HostConfig {
  const endpoints = new Map<string, K3sEndpoint>();
  const warnings: Warning[] = [];
  let last = fallback;
  for (const [index, { text, source }] of mirror.endpoints.entries()) {
    const address = parseAddress(text, embedded);
    if (address === null) warnings.push(warn('EndpointIgnored', source, `${clean(text, 120)} is not a URL`));
    else if (endpoints.has(address.url))
      warnings.push(warn('DuplicateEndpoint', source, duplicateMessage(address)));
    else {
      // The embedded registry stores images under their own names, so rewrites do not apply to it.
      const rewrites = address.host === embedded ? new Map<string, string>() : mirror.rewrites;
      const { url, overridePath } = address;
      const endpoint = { url, overridePath, rewrites, config: configFor(configs, address.registry), source };
      if (index === mirror.endpoints.length - 1 && url === last?.url) last = endpoint;
      else endpoints.set(url, endpoint);
    }
  }
  return { endpoints: [...endpoints.values()], fallback: last, warnings };
}

function duplicateMessage({ url }: K3sAddress): string {
  return `${clean(url, 120)} is in the list already and is asked once`;
}

/** Returns the configuration of a registry. Docker Hub's credentials may be under either of its two names. */
function configFor(configs: Registries['configs'], registry: string): RegistryConfig | null {
  return configs.get(registryHost(registry)) ?? configs.get(registry) ?? null;
}

function hasConfig(endpoint: K3sEndpoint | null): boolean {
  if (endpoint === null) return false;
  const { overridePath, config, rewrites } = endpoint;
  return (
    overridePath || (config !== null && (config.auth !== null || config.tls !== null)) || rewrites.size > 0
  );
}
