/** k3s and RKE2 with a `registries.yaml` → `MirrorList`: what containerd makes of the `hosts.toml` files that k3s writes. */
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
  /** Path here of `registries.yaml`. */
  readonly registriesYaml: string;
  /** The nodes run with `--disable-default-registry-endpoint`. */
  readonly disableDefaultEndpoint: boolean;
  /** The servers run with `--embedded-registry`. */
  readonly embeddedRegistry: boolean;
  /** The nodes' containerd: `auto`, `2.0`, `containerd://2.0.4-k3s2`. */
  readonly version: string;
  readonly pathMap: PathMap;
}

// Its certificates are the node's own and of no use elsewhere.
const embedded = { address: '127.0.0.1:6443', tls: null };

interface RegistryHosts {
  readonly hosts: readonly LoadedHost[];
  readonly warnings: readonly Warning[];
}

/** Throws `MirrorConfigError`: k3s does not start with a broken file. */
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
  // k3s writes credentials into config.toml, and with those containerd pulls without the transfer service.
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

/** The host table that the template of k3s writes. */
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

/** CRI looks credentials up by the host that it asks, which never has the name `*`. */
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
