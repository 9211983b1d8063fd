/** containerd with a `config.toml`: its `mirrors` and `configs`, or the `config_path` that it names → `MirrorList`. */

import { parseGoUrl } from '../../../../util/text/go-url.ts';
import type { Credential } from '../../../credentials/credential.ts';
import type { Reference } from '../../../reference/reference.ts';
import type { Warning } from '../../../warning.ts';
import { type Certificates, readCertificates } from '../../files/certificates.ts';
import { readConfigFile } from '../../files/config-file.ts';
import { contentId } from '../../files/content-id.ts';
import {
  type Capability,
  type EndpointList,
  type MirrorList,
  plainTls,
  type ConfigSource,
} from '../../endpoint.ts';
import type { Files } from '../../files/files.ts';
import { mappedFiles, type PathMap } from '../../files/pathmap.ts';
import { plainCredential } from '../../plain-credential.ts';
import type { Rewrite } from '../../rewrite.ts';
import { warn } from '../../warn.ts';
import { type CriHost, type CriRegistry, parseConfigToml } from './config-toml.ts';
import { criEndpoints } from './cri-mirrors.ts';
import { endpointsOf } from '../endpoint-of.ts';
import { containerdHosts } from '../hosts-toml/load-hosts.ts';
import { compileRewrites, type LoadedHost } from '../hosts-toml/loaded-host.ts';
import { blankTable } from '../hosts-toml/resolve-hosts.ts';
import { type ContainerdVersion, parseVersion } from '../version.ts';
import { containerdProfiles } from '../../runtime/select-profiles.ts';

export interface ConfigTomlOptions {
  /** Path here of `config.toml`. */
  readonly configToml: string;
  /** The nodes' containerd: `auto`, `1.7`, `containerd://2.0.4`. */
  readonly version: string;
  /** For `config_path` and certificates. */
  readonly pathMap: PathMap;
}

/** Throws `MirrorConfigError`: containerd's CRI does not start with a broken file. */
export function containerdConfigToml(options: ConfigTomlOptions, files: Files): MirrorList {
  const { configToml, version, pathMap } = options;
  const registry = parseConfigToml(readConfigFile(configToml, files), configToml, parseVersion(version));
  const outside = mappedFiles(files, pathMap);
  const hosts = new Map([...registry.hosts].map(([name, host]) => [name, loadCriHost(host, outside)]));
  if (registry.configPath === '') return legacyList(registry, hosts, parseVersion(version));
  const tree = containerdHosts({ configPath: registry.configPath, version, pathMap: {} }, outside);
  return withConfigPath(registry, hosts, tree, configToml);
}

interface LoadedCriHost {
  readonly certificates: Certificates;
  readonly credential: Credential | null;
  readonly warnings: readonly Warning[];
}

function loadCriHost({ auth, tls, source }: CriHost, files: Files): LoadedCriHost {
  const credential = plainCredential(auth);
  const certificates = readCertificates(tls, source, files);
  if (credential !== 'malformed') return { certificates, credential, warnings: [] };
  const message = 'auth is not the base64 of user:password and is not used';
  return { certificates, credential: null, warnings: [warn('AuthIgnored', source, message)] };
}

type CriHosts = ReadonlyMap<string, LoadedCriHost>;

/** CRI refuses `mirrors` beside `config_path`; credentials of `configs` go with either. */
function withConfigPath(registry: CriRegistry, hosts: CriHosts, tree: MirrorList, file: string): MirrorList {
  const ignored = 'mirrors are ignored: config_path is set, and containerd accepts only one of them';
  const [mirror] = registry.mirrors.values();
  const warnings = mirror ? [warn('MirrorsIgnored', { file, line: mirror.source.line }, ignored)] : [];
  return {
    id: contentId('config.toml', tree.id, hosts),
    profiles: tree.profiles,
    endpoints: (reference) => {
      const list = tree.endpoints(reference);
      const endpoints = list.endpoints.map((endpoint) => ({
        ...endpoint,
        credential: hosts.get(URL.parse(endpoint.url)?.host ?? '')?.credential ?? null,
      }));
      return { endpoints, warnings: [...registry.warnings, ...warnings, ...list.warnings] };
    },
  };
}

interface LoadedMirror {
  readonly urls: readonly string[];
  readonly rewrites: readonly Rewrite[];
  readonly source: ConfigSource;
  readonly warnings: readonly Warning[];
}

function legacyList(registry: CriRegistry, hosts: CriHosts, version: ContainerdVersion): MirrorList {
  const profiles = containerdProfiles(version, true);
  const mirrors = new Map(
    [...registry.mirrors].map(([name, { urls, rewrites, source }]): [string, LoadedMirror] => [
      name,
      { urls, source, ...compileRewrites(rewrites, source) },
    ]),
  );
  return {
    id: contentId('config.toml', mirrors, hosts, profiles),
    profiles,
    endpoints: (reference) => {
      const { endpoints, warnings } = legacyEndpoints(reference, mirrors, hosts, version);
      return { endpoints, warnings: [...registry.warnings, ...warnings] };
    },
  };
}

function legacyEndpoints(
  reference: Reference,
  mirrors: ReadonlyMap<string, LoadedMirror>,
  hosts: CriHosts,
  version: ContainerdVersion,
): EndpointList {
  const mirror = mirrors.get(reference.domain) ?? mirrors.get('*') ?? null;
  const endpoints = criEndpoints(mirror?.urls ?? [], reference.domain);
  return endpointsOf(
    reference,
    endpoints.map(({ url, isDefault }) => loaded(url, isDefault ? null : mirror, hosts)),
    version,
  );
}

const legacyCapabilities: readonly Capability[] = ['pull', 'resolve', 'referrers'];

/** `mirror` is null for the registry's own endpoint, which nobody wrote and no rule rewrites. */
function loaded(url: string, mirror: LoadedMirror | null, hosts: CriHosts): LoadedHost {
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
      capabilities: legacyCapabilities,
      // TLS settings mean nothing for http here, other than in hosts.toml.
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
