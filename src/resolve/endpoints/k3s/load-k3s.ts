/**
 * Loader of the `registries.yaml` of k3s and RKE2: builds the `MirrorList` that containerd derives from the `hosts.toml` files
 * that k3s writes.
 */
import type { Credential } from '../../credentials/credential.ts';
import type { Warning } from '../../warning.ts';
import { containerdEndpoints } from '../containerd/containerd-endpoints.ts';
import type { HostTable } from '../containerd/hosts-toml/host-table.ts';
import { type LoadedHost, loadHost } from '../containerd/loaded-host.ts';
import { blankTable } from '../containerd/resolve-hosts.ts';
import { decodeServer } from '../containerd/server.ts';
import { readPlainCredential } from '../containerd/plain-credential.ts';
import { defaultEndpoint, fallbackRules } from '../default.ts';
import type { ConfigSource, MirrorList } from '../endpoint.ts';
import { inFile, readConfigFile } from '../files/config-file.ts';
import { type Files, mappedFiles, type PathMap } from '../files/files.ts';
import { createMirrorList } from '../mirror-list.ts';
import { parseContainerdVersion } from '../runtime/containerd-version.ts';
import { warn } from '../warn.ts';
import { type HostConfig, hostConfigs, type K3sEndpoint, wildcardEntry } from './host-configs.ts';
import { parseRegistries } from './registries.ts';
import { unmatchedConfigs } from './registries-warnings.ts';
import { containerdProfiles } from '../runtime/select-profiles.ts';

export interface K3sOptions {
  /** Path of `registries.yaml` on this machine. */
  readonly registriesYaml: string;
  /** True if the nodes run with `--disable-default-registry-endpoint`. */
  readonly disableDefaultEndpoint: boolean;
  /** True if the servers run with `--embedded-registry`. */
  readonly embeddedRegistry: boolean;
  /** Version of the nodes' containerd: `auto`, `2.0`, `containerd://2.0.4-k3s2`. */
  readonly version: string;
  readonly pathMap: PathMap;
}

// The node creates the certificates of its embedded registry, and no other host can use them.
const embedded = { address: '127.0.0.1:6443', tls: null };

interface RegistryHosts {
  readonly hosts: readonly LoadedHost[];
  readonly warnings: readonly Warning[];
}

/** Loads the file. Throws `MirrorConfigError` if it is broken, because k3s does not start with such a file. */
export function loadK3s(options: K3sOptions, files: Files): MirrorList {
  const { registriesYaml, disableDefaultEndpoint, embeddedRegistry, pathMap } = options;
  const text = readConfigFile(registriesYaml, files);
  const registries = inFile(registriesYaml, () => parseRegistries(text, registriesYaml));
  const settings = { disableDefaultEndpoint, embedded: embeddedRegistry ? embedded : null };
  const version = parseContainerdVersion(options.version);
  const place = { file: registriesYaml, line: null };
  const outside = mappedFiles(files, pathMap);
  const entries = new Map(
    [...hostConfigs(registries, settings)].map(([name, host]) => [name, loadHosts(host, place, outside)]),
  );
  // k3s writes credentials into config.toml, which makes containerd pull without the transfer service.
  const hasAuth = [...registries.configs.values()].some(({ auth }) => auth !== null);
  const fileWarnings = [...registries.unknownKeys, ...unmatchedConfigs(registries)];
  return createMirrorList({
    format: 'k3s',
    profiles: containerdProfiles(version, hasAuth),
    content: [entries, fileWarnings, fallbackRules(version)],
    endpoints: (reference) => {
      const entry = entries.get(reference.domain) ?? entries.get(wildcardEntry);
      if (!entry) return { endpoints: [defaultEndpoint(reference, version)], warnings: fileWarnings };
      const { endpoints, warnings } = containerdEndpoints(reference, entry.hosts, version);
      return { endpoints, warnings: [...fileWarnings, ...entry.warnings, ...warnings] };
    },
  });
}

function loadHosts(
  { endpoints, fallback, warnings }: HostConfig,
  place: ConfigSource,
  files: Files,
): RegistryHosts {
  const all = fallback ? [...endpoints, fallback] : endpoints;
  return {
    hosts: all.map((endpoint) => {
      const role = endpoint === fallback ? 'upstream' : 'mirror';
      const origin = {
        role,
        place: endpoint.config?.source ?? place,
        credential: credentialOf(endpoint),
      } as const;
      return loadHost(toHostTable(endpoint), origin, files);
    }),
    warnings: [...warnings, ...all.flatMap(authWarnings)],
  };
}

/** Returns the host table that k3s's template writes. */
function toHostTable({ url, overridePath, rewrites, config, source }: K3sEndpoint): HostTable {
  const { caFile = '', certFile = '', keyFile = '', insecureSkipVerify = false } = config?.tls ?? {};
  return {
    ...blankTable,
    ...decodeServer(url ?? '', overridePath),
    ca: caFile === '' ? null : [caFile],
    client: certFile === '' && keyFile === '' ? null : [{ cert: certFile, key: keyFile }],
    skipVerify: insecureSkipVerify ? true : null,
    rewrites,
    source,
  };
}

/** Returns the credential for an endpoint. CRI looks it up by the host that it contacts, which never has the name `*`. */
function credentialOf({ url, config }: K3sEndpoint): Credential | null {
  const credential = url === null || !config?.auth ? null : readPlainCredential(config.auth);
  return credential === 'malformed' ? null : credential;
}

function authWarnings({ url, config }: K3sEndpoint): readonly Warning[] {
  if (!config?.auth) return [];
  if (url === null) return [warn('WildcardAuthIgnored', config.source, wildcardAuth)];
  if (readPlainCredential(config.auth) !== 'malformed') return [];
  return [warn('AuthIgnored', config.source, 'auth is not the base64 of user:password and is not used')];
}

const wildcardAuth =
  'containerd never uses the credentials of "*"; write them under the registry that they are for';
