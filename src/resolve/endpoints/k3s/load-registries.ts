/** k3s and RKE2 with a `registries.yaml` → `MirrorList`: what containerd makes of the `hosts.toml` files that k3s writes. */
import type { Credential } from '../../credentials/credential.ts';
import type { Warning } from '../../warning.ts';
import { readConfigFile } from '../files/config-file.ts';
import { endpointsOf } from '../containerd/endpoint-of.ts';
import type { HostTable } from '../containerd/hosts-toml/host-table.ts';
import { type LoadedHost, loadHost } from '../containerd/hosts-toml/loaded-host.ts';
import { blankTable } from '../containerd/hosts-toml/resolve-hosts.ts';
import { decodeServer } from '../containerd/hosts-toml/server.ts';
import { contentId } from '../files/content-id.ts';
import { defaultEndpoint } from '../default.ts';
import type { MirrorList, ConfigSource } from '../endpoint.ts';
import type { Files } from '../files/files.ts';
import { mappedFiles, type PathMap } from '../files/pathmap.ts';
import { plainCredential } from '../plain-credential.ts';
import { warn } from '../warn.ts';
import { type HostConfig, hostConfigs, type K3sEndpoint, wildcardEntry } from './host-configs.ts';
import { parseRegistries } from './registries.ts';
import { parseVersion } from '../containerd/version.ts';
import { containerdProfiles } from '../runtime/select-profiles.ts';

export interface K3sOptions {
  /** Path here of `registries.yaml`. */
  readonly registriesYaml: string;
  /** The nodes run with `--disable-default-registry-endpoint`. */
  readonly disableDefaultEndpoint: boolean;
  /** The servers run with `--embedded-registry`. */
  readonly embeddedRegistry: boolean;
  readonly pathMap: PathMap;
}

// Its certificates are the node's own and of no use elsewhere.
const embedded = { address: '127.0.0.1:6443', tls: null };

interface Entry {
  readonly hosts: readonly LoadedHost[];
  readonly warnings: readonly Warning[];
}

/** Throws `MirrorConfigError`: k3s does not start with a broken file. */
export function k3sRegistries(options: K3sOptions, files: Files): MirrorList {
  const { registriesYaml, disableDefaultEndpoint, embeddedRegistry, pathMap } = options;
  const registries = parseRegistries(readConfigFile(registriesYaml, files), registriesYaml);
  const settings = { disableDefaultEndpoint, embedded: embeddedRegistry ? embedded : null };
  const version = parseVersion('auto');
  const place = { file: registriesYaml, line: null };
  const outside = mappedFiles(files, pathMap);
  const entries = new Map(
    [...hostConfigs(registries, settings)].map(([name, host]) => [name, entryOf(host, place, outside)]),
  );
  return {
    id: contentId('k3s', entries),
    profiles: containerdProfiles(version, false),
    endpoints: (reference) => {
      const entry = entries.get(reference.domain) ?? entries.get(wildcardEntry);
      if (!entry) return { endpoints: [defaultEndpoint(reference, version)], warnings: [] };
      const { endpoints, warnings } = endpointsOf(reference, entry.hosts, version);
      return { endpoints, warnings: [...entry.warnings, ...warnings] };
    },
  };
}

function entryOf({ endpoints, fallback, warnings }: HostConfig, place: ConfigSource, files: Files): Entry {
  const all = fallback ? [...endpoints, fallback] : endpoints;
  return {
    hosts: all.map((endpoint) => {
      const role = endpoint === fallback ? 'upstream' : 'mirror';
      const origin = {
        role,
        place: endpoint.config?.source ?? place,
        credential: credentialOf(endpoint),
      } as const;
      return loadHost(tableOf(endpoint), origin, files);
    }),
    warnings: [...warnings, ...all.flatMap(authWarnings)],
  };
}

/** As the template of k3s writes it. */
function tableOf({ url, overridePath, rewrites, config, source }: K3sEndpoint): HostTable {
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

/** CRI looks credentials up by the host that it asks, which is never called `*`. */
function credentialOf({ url, config }: K3sEndpoint): Credential | null {
  const credential = url === null || !config?.auth ? null : plainCredential(config.auth);
  return credential === 'malformed' ? null : credential;
}

function authWarnings({ url, config }: K3sEndpoint): readonly Warning[] {
  if (!config?.auth) return [];
  if (url === null) return [warn('WildcardAuthIgnored', config.source, wildcardAuth)];
  if (plainCredential(config.auth) !== 'malformed') return [];
  return [warn('AuthIgnored', config.source, 'auth is not the base64 of user:password and is not used')];
}

const wildcardAuth =
  'containerd never uses the credentials of "*"; write them under the registry that they are for';
