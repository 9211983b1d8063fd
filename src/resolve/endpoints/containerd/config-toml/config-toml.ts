/**
 * Reader of the image settings of CRI in one `config.toml` of containerd. It reads no other file; `read-config.ts` follows the
 * imports.
 */
import type { DocumentValue } from '../../../../document/document-value.ts';
import { parseGoUrl } from '../../../../util/text/go-url.ts';
import { clean } from '../../../../util/text/text.ts';
import type { Warning } from '../../../warning.ts';
import type { ConfigSource } from '../../endpoint.ts';
import type { CertificateNames } from '../../files/certificates.ts';
import type { ContainerdVersion } from '../../runtime/containerd-version.ts';
import { isAtLeast } from '../../runtime/runtime-version.ts';
import { unknownKeyWarnings, warn } from '../../warn.ts';
import { rewriteExtension } from '../hosts-toml/host-quirks.ts';
import type { PlainAuth } from '../plain-credential.ts';
import { criEndpointUrl } from './cri-mirrors.ts';

export interface CriMirror {
  /** Mirror URLs, each with a scheme. */
  readonly urls: readonly string[];
  /** Maps a regular expression to its replacement, an extension of k3s. */
  readonly rewrites: ReadonlyMap<string, string>;
  readonly source: ConfigSource;
}

export interface CriHost {
  readonly auth: PlainAuth;
  readonly tls: CertificateNames;
  readonly source: ConfigSource;
}

/** Settings of one file. A member is absent if the file does not set it. */
export interface CriSettings {
  readonly configPath?: { readonly text: string; readonly source: ConfigSource };
  /** Maps a registry to its mirror; `*` stands for registries without an entry. */
  readonly mirrors: ReadonlyMap<string, CriMirror>;
  /** Maps the host that containerd contacts to the settings for it. */
  readonly hosts: ReadonlyMap<string, CriHost>;
  /** True if a setting makes containerd 2.1 and later pull without the transfer service. */
  readonly pullsLocally: boolean;
}

export interface ConfigTomlFile {
  /** null if the file has no CRI table that this version of containerd reads. */
  readonly settings: CriSettings | null;
  readonly imports: readonly string[];
  readonly warnings: readonly Warning[];
}

/** Parses one file. Throws `DocumentError` if containerd's CRI plugin would not start with it. */
export function parseConfigToml(root: DocumentValue, version: ContainerdVersion): ConfigTomlFile {
  const { plugin, warnings } = findPlugin(root, version);
  return {
    settings: plugin && readSettings(plugin, version),
    imports: root.get('imports').strings(),
    warnings: plugin ? [...warnings, ...registryWarnings(plugin.get('registry'), version)] : warnings,
  };
}

const images = 'io.containerd.cri.v1.images';
const grpc = 'io.containerd.grpc.v1.cri';

/**
 * Finds the CRI plugin's table, whose name differs between versions of the file. containerd 2 knows the older names too,
 * containerd 1 knows only the name that belongs to the file's version.
 */
function findPlugin(
  root: DocumentValue,
  version: ContainerdVersion,
): { readonly plugin: DocumentValue | null; readonly warnings: readonly Warning[] } {
  const plugins = root.get('plugins');
  const fileVersion = root.get('version').number() ?? 1;
  const old = fileVersion >= 3 ? [] : fileVersion === 2 ? [grpc] : [grpc, 'cri'];
  const read = isAtLeast(version, 2, 0) ? [images, ...old] : [fileVersion >= 2 ? grpc : 'cri'];
  const present = [images, grpc, 'cri'].filter((name) => plugins.get(name).has('registry'));
  const used = read.find((name) => present.includes(name)) ?? read.find((name) => plugins.has(name));
  const ignored = present.filter((name) => name !== used);
  return {
    plugin: used === undefined ? null : plugins.get(used),
    warnings: ignored.map((name) => {
      const message = `containerd ${version.major}.${version.minor} does not read the registry table of ${name} in this file, which has version ${fileVersion}`;
      return warn('PluginTableIgnored', plugins.get(name).source, message);
    }),
  };
}

function readSettings(plugin: DocumentValue, version: ContainerdVersion): CriSettings {
  const registry = plugin.get('registry');
  const configPath = registry.get('config_path');
  const mirrors = mapEntries(registry.get('mirrors'), readMirror);
  const hosts = new Map([
    ...mapEntries(registry.get('configs'), (table) => readHost(table, version)),
    ...[...registry.get('auths').entries()].map(readAuth),
  ]);
  return {
    ...(!configPath.isNull && { configPath: { text: configPath.string(), source: configPath.source } }),
    mirrors,
    hosts,
    pullsLocally: mirrors.size > 0 || hosts.size > 0 || hasLocalSetting(plugin),
  };
}

/**
 * Returns true if a setting that the transfer service does not support differs from its default on Linux (containerd's
 * `CheckLocalImagePullConfigs`).
 */
function hasLocalSetting(plugin: DocumentValue): boolean {
  const downloads = plugin.get('max_concurrent_downloads').number() ?? 3;
  // Files of version 1 and 2 have the last two settings in the table `containerd`.
  const tables = [plugin, plugin.get('containerd')];
  return (
    downloads !== 3 ||
    plugin.get('use_local_image_pull').boolean() ||
    plugin.get('image_pull_with_sync_fs').boolean() ||
    tables.some((table) => table.get('discard_unpacked_layers').boolean()) ||
    tables.some((table) => isFalse(table.get('disable_snapshot_annotations')))
  );
}

function isFalse(value: DocumentValue): boolean {
  return !value.isNull && !value.boolean();
}

function mapEntries<T>(table: DocumentValue, read: (value: DocumentValue) => T): ReadonlyMap<string, T> {
  return new Map([...table.entries()].map(([name, value]) => [name, read(value)]));
}

function readMirror(table: DocumentValue): CriMirror {
  const endpoint = table.get('endpoint');
  const urls = endpoint.strings().map(criEndpointUrl);
  const bad = urls.find((url) => parseGoUrl(url) === null);
  if (bad !== undefined) throw endpoint.invalid(`${clean(bad, 120)} is not a URL`);
  return {
    urls,
    rewrites: mapEntries(table.get('rewrite'), (value) => value.string()),
    source: endpoint.isNull ? table.source : endpoint.source,
  };
}

/** Reads the settings of one host. containerd 2.0 removed `tls` from `configs`. */
function readHost(table: DocumentValue, version: ContainerdVersion): CriHost {
  const tls = isAtLeast(version, 2, 0) ? null : table.get('tls');
  const [ca, cert, key] = ['ca_file', 'cert_file', 'key_file'].map((name) => tls?.get(name).string() ?? '');
  return {
    auth: readPlainAuth(table.get('auth')),
    tls: {
      ca: ca === '' || ca === undefined ? [] : [ca],
      client: cert || key ? [{ cert: cert ?? '', key: key ?? '' }] : [],
      skipVerify: tls?.get('insecure_skip_verify').boolean() ?? false,
    },
    source: (table.has('tls') ? table.get('tls') : table.get('auth')).source,
  };
}

/** Reads one entry of the older table `auths`, which is keyed by URL. */
function readAuth([endpoint, table]: readonly [string, DocumentValue]): readonly [string, CriHost] {
  const url = parseGoUrl(endpoint);
  if (url === null) throw table.invalid(`${clean(endpoint, 120)} is not a URL`);
  const tls = { ca: [], client: [], skipVerify: false };
  return [url.scheme === '' ? endpoint : url.host, { auth: readPlainAuth(table), tls, source: table.source }];
}

function readPlainAuth(auth: DocumentValue): PlainAuth {
  return {
    username: auth.get('username').string(),
    password: auth.get('password').string(),
    auth: auth.get('auth').string(),
    identityToken: auth.get('identitytoken').string(),
  };
}

const authKeys = ['username', 'password', 'auth', 'identitytoken'];
const tlsKeys = ['ca_file', 'cert_file', 'key_file', 'insecure_skip_verify'];

function registryWarnings(registry: DocumentValue, version: ContainerdVersion): readonly Warning[] {
  const mirrors = [...registry.get('mirrors').entries().values()];
  const configs = [...registry.get('configs').entries().values()];
  const unknown = (tables: readonly DocumentValue[], keys: readonly string[]): readonly Warning[] =>
    tables.flatMap((table) => unknownKeyWarnings(table, keys, 'containerd'));
  const removedTls = isAtLeast(version, 2, 0) ? configs.filter((table) => table.has('tls')) : [];
  const rewrites = version.isK3s ? [] : mirrors.filter((table) => table.has('rewrite'));
  return [
    ...unknown([registry], ['config_path', 'mirrors', 'configs', 'auths', 'headers']),
    ...unknown(mirrors, ['endpoint', 'rewrite']),
    ...unknown(configs, ['auth', 'tls']),
    ...unknown(
      configs.map((table) => table.get('auth')),
      authKeys,
    ),
    ...unknown(
      configs.map((table) => table.get('tls')),
      tlsKeys,
    ),
    ...removedTls.map((table) => warn('TlsIgnored', table.get('tls').source, tlsRemoved)),
    ...rewrites.map((table) => warn('RewriteExtension', table.get('rewrite').source, rewriteExtension)),
  ];
}

const tlsRemoved =
  'containerd 2.0 and later do not read tls in configs: the certificates of this host belong in a hosts.toml below config_path';
