/**
 * Computes the addresses that containerd contacts for a registry from its host tables (containerd's `ConfigureHosts`), before
 * any image or certificate is known.
 */
import { allCapabilities, defaultAddress, isHttpsFirst, registryHost } from '../default.ts';
import type { Capability } from '../endpoint.ts';
import type { HostTable } from './hosts-toml/host-table.ts';
import type { Server } from './server.ts';

export interface ResolvedHost extends Server {
  readonly capabilities: readonly Capability[];
  /**
   * True if containerd does not verify certificates in the end. It never verifies those of loopback registries, even without a
   * setting.
   */
  readonly insecureSkipVerify: boolean;
  /** True if containerd tries https first and then plain http. */
  readonly httpFallback: boolean;
  /** True if the table names no server, so that the host is the image's own registry. */
  readonly implicit: boolean;
}

/** Settings of the whole containerd client; CRI sets none. */
export interface ClientDefaults {
  readonly scheme: 'http' | 'https' | null;
  readonly skipVerify: boolean | null;
}

const criClient: ClientDefaults = { scheme: null, skipVerify: null };

/** Host table in which nothing is configured: the image's own registry. */
export const blankTable: HostTable = {
  scheme: '',
  host: '',
  path: '',
  capabilities: allCapabilities,
  ca: null,
  client: null,
  skipVerify: null,
  header: null,
  dialTimeoutMs: null,
  rewrites: new Map(),
  source: null,
};

/** Returns one result per table, in the same order. Only the last table may stand for the image's own registry. */
export function resolveHosts(
  domain: string,
  tables: readonly HostTable[],
  client: ClientDefaults = criClient,
): readonly ResolvedHost[] {
  return tables.map((table, index) => {
    const implicit = index === tables.length - 1 && table.host === '';
    const server = implicit ? ownRegistry(domain, table, client) : table;
    const { scheme, host, path, capabilities } = server;
    const skipVerify = server.skipVerify ?? client.skipVerify;
    const hasTlsSettings = skipVerify !== null || table.ca !== null || table.client !== null;
    const httpFallback = isHttpsFirst(scheme, host, hasTlsSettings);
    return {
      scheme: httpFallback ? 'https' : scheme,
      host,
      path,
      capabilities,
      insecureSkipVerify: skipVerify ?? false,
      httpFallback,
      implicit,
    };
  });
}

type ServerSettings = Server & Pick<HostTable, 'capabilities' | 'skipVerify'>;

/**
 * Returns the address of the image's own registry. It has all capabilities, whatever the file says; certificates and headers
 * of the file apply.
 */
function ownRegistry(domain: string, table: HostTable, client: ClientDefaults): ServerSettings {
  const own = { path: '/v2', capabilities: allCapabilities };
  const address = defaultAddress(domain);
  // A client-wide scheme never applies to Docker Hub. For other registries it replaces the special rules for loopback.
  if (client.scheme === null || domain === 'docker.io') {
    const skipVerify = address.skipVerify || table.skipVerify;
    return { ...own, scheme: address.scheme, host: address.host, skipVerify };
  }
  return { ...own, scheme: client.scheme, host: registryHost(domain), skipVerify: table.skipVerify };
}
