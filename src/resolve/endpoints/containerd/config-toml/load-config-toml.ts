/**
 * Loader of a containerd `config.toml`: builds the `MirrorList` from its `mirrors` and `configs`, or from the `config_path`
 * that it names.
 */
import { parseGoUrl } from '../../../../util/text/go-url.ts';
import type { Credential } from '../../../credentials/credential.ts';
import type { Reference } from '../../../reference/reference.ts';
import type { Warning } from '../../../warning.ts';
import { fallbackRules } from '../../default.ts';
import {
  type Capability,
  type ConfigSource,
  type EndpointList,
  type MirrorList,
  plainTls,
} from '../../endpoint.ts';
import { type Certificates, readCertificates } from '../../files/certificates.ts';
import { type Files, mappedFiles, type PathMap } from '../../files/files.ts';
import { createMirrorList } from '../../mirror-list.ts';
import { type ContainerdVersion, parseContainerdVersion } from '../../runtime/containerd-version.ts';
import { isAtLeast } from '../../runtime/runtime-version.ts';
import { containerdProfiles } from '../../runtime/select-profiles.ts';
import { warn } from '../../warn.ts';
import { containerdEndpoints } from '../containerd-endpoints.ts';
import { HostTrees } from '../hosts-toml/host-tree.ts';
import { hostsList } from '../hosts-toml/load-hosts.ts';
import { compileRewrites, type LoadedHost } from '../loaded-host.ts';
import { blankTable } from '../resolve-hosts.ts';
import { readPlainCredential } from '../plain-credential.ts';
import type { Rewrite } from '../rewrite.ts';
import type { CriHost, CriSettings } from './config-toml.ts';
import { criEndpoints } from './cri-mirrors.ts';
import { type CriConfig, readCriConfig } from './read-config.ts';

export interface ConfigTomlOptions {
  /** Path of `config.toml` on this machine. */
  readonly configToml: string;
  /** Version of the nodes' containerd: `auto`, `1.7`, `containerd://2.0.4`. */
  readonly version: string;
  /** Maps the node's paths of `config_path`, imports and certificates to this machine. */
  readonly pathMap: PathMap;
}

/**
 * Loads the file. Throws `MirrorConfigError` if it is broken, because containerd's CRI plugin does not start with such a file.
 */
export function loadConfigToml(
  options: ConfigTomlOptions,
  files: Files,
  trees = new HostTrees(),
): MirrorList {
  const { configToml } = options;
  const version = parseContainerdVersion(options.version);
  const outside = mappedFiles(files, options.pathMap);
  const config = readCriConfig(configToml, version, files, outside);
  const hosts = new Map([...config.settings.hosts].map(([name, host]) => [name, loadCriHost(host, outside)]));
  const path = effectiveConfigPath(config.settings, version, outside);
  if (path === null) return mirrorsList(config, hosts, version);
  const { pullsLocally } = config.settings;
  const profiles = containerdProfiles(version, pullsLocally && isAtLeast(version, 2, 1));
  const isDefault = path.source === null;
  const source = path.source ?? { file: configToml, line: null };
  const list = { configPath: path.text, source, version, profiles, isDefault };
  const tree = hostsList(list, { place: 'node', files: outside, outside }, trees);
  return withConfigPath(config, hosts, tree);
}

/** Directories that containerd 2.2 and later use on Linux if neither `config_path` nor a mirror is configured. */
const defaultRoots = ['/etc/containerd/certs.d', '/etc/docker/certs.d'];

function effectiveConfigPath(
  { configPath, mirrors }: CriSettings,
  version: ContainerdVersion,
  outside: Files,
): { readonly text: string; readonly source: ConfigSource | null } | null {
  if (configPath !== undefined && configPath.text !== '') return configPath;
  const hasDefault = mirrors.size === 0 && isAtLeast(version, 2, 2);
  if (!hasDefault || !defaultRoots.some((root) => outside.list(root) !== null)) return null;
  return { text: defaultRoots.join(':'), source: null };
}

interface LoadedCriHost {
  readonly certificates: Certificates;
  readonly credential: Credential | null;
  readonly warnings: readonly Warning[];
}

function loadCriHost({ auth, tls, source }: CriHost, files: Files): LoadedCriHost {
  const credential = readPlainCredential(auth);
  const certificates = readCertificates(tls, source, files);
  if (credential !== 'malformed') return { certificates, credential, warnings: [] };
  const message = 'auth is not the base64 of user:password and is not used';
  return { certificates, credential: null, warnings: [warn('AuthIgnored', source, message)] };
}

type CriHosts = ReadonlyMap<string, LoadedCriHost>;

/**
 * Returns the list of `config_path`. CRI does not start if `mirrors` are configured beside it; credentials of `configs` apply
 * in both cases.
 */
function withConfigPath({ settings, warnings }: CriConfig, hosts: CriHosts, tree: MirrorList): MirrorList {
  const [mirror] = settings.mirrors.values();
  const both = mirror ? [warn('MirrorsIgnored', mirror.source, mirrorsBeside)] : [];
  return createMirrorList({
    format: 'config.toml',
    profiles: tree.profiles,
    content: [tree.id, hosts, warnings, both],
    endpoints: (reference) => {
      const list = tree.endpoints(reference);
      const endpoints = list.endpoints.map((endpoint) => ({
        ...endpoint,
        credential: hosts.get(URL.parse(endpoint.url)?.host ?? '')?.credential ?? null,
      }));
      return { endpoints, warnings: [...warnings, ...both, ...list.warnings] };
    },
  });
}

const mirrorsBeside =
  "mirrors are set beside config_path, and containerd's CRI does not start with both; they are ignored here. Remove them";

interface LoadedMirror {
  readonly urls: readonly string[];
  readonly rewrites: readonly Rewrite[];
  readonly source: ConfigSource;
  readonly warnings: readonly Warning[];
}

function mirrorsList(config: CriConfig, hosts: CriHosts, version: ContainerdVersion): MirrorList {
  const { settings, warnings } = config;
  const mirrors = new Map(
    [...settings.mirrors].map(([name, { urls, rewrites, source }]): [string, LoadedMirror] => [
      name,
      { urls, source, ...compileRewrites(rewrites, source) },
    ]),
  );
  return createMirrorList({
    format: 'config.toml',
    profiles: containerdProfiles(version, settings.pullsLocally),
    content: [mirrors, hosts, warnings, fallbackRules(version)],
    endpoints: (reference) => {
      const list = mirrorEndpoints(reference, mirrors, hosts, version);
      return { endpoints: list.endpoints, warnings: [...warnings, ...list.warnings] };
    },
  });
}

function mirrorEndpoints(
  reference: Reference,
  mirrors: ReadonlyMap<string, LoadedMirror>,
  hosts: CriHosts,
  version: ContainerdVersion,
): EndpointList {
  const mirror = mirrors.get(reference.domain) ?? mirrors.get('*') ?? null;
  const endpoints = criEndpoints(mirror?.urls ?? [], reference.domain);
  const loaded = endpoints.map(({ url, isDefault }) => loadedHost(url, isDefault ? null : mirror, hosts));
  return containerdEndpoints(reference, loaded, version);
}

const mirrorCapabilities: readonly Capability[] = ['pull', 'resolve', 'referrers'];

/** Loads one host. `mirror` is null for the registry's own endpoint, which no file names and no rule rewrites. */
function loadedHost(url: string, mirror: LoadedMirror | null, hosts: CriHosts): LoadedHost {
  const { scheme = '', host = '', path = '' } = parseGoUrl(url) ?? {};
  const config = hosts.get(host);
  const certificates = config?.certificates ?? { tls: plainTls, skip: null };
  const isHttps = scheme === 'https';
  return {
    table: {
      ...blankTable,
      scheme,
      host,
      path: path === '' ? '/v2' : path,
      capabilities: mirrorCapabilities,
      // The TLS settings have no effect on http here, unlike in hosts.toml.
      skipVerify: isHttps && certificates.tls.skipVerify ? true : null,
      source: mirror?.source ?? null,
    },
    role: mirror ? 'mirror' : 'upstream',
    certificates: isHttps ? certificates : { tls: plainTls, skip: null },
    rewrites: mirror?.rewrites ?? [],
    credential: config?.credential ?? null,
    warnings: [...(mirror?.warnings ?? []), ...(config?.warnings ?? [])],
  };
}
