/** The `registry` table of CRI in containerd's `config.toml`. Nothing else of the file is looked at, nor what it imports. */
import { parseGoUrl } from '../../../../util/text/go-url.ts';
import { clean } from '../../../../util/text/text.ts';
import type { Warning } from '../../../warning.ts';
import type { CertificateNames } from '../../files/certificates.ts';
import type { ConfigSource } from '../../endpoint.ts';
import type { PlainAuth } from '../../plain-credential.ts';
import { warn } from '../../warn.ts';
import { criEndpointUrl } from './cri-mirrors.ts';
import { parseTomlTable, type TomlTable } from '../toml-table.ts';
import { type ContainerdVersion, rewriteExtension } from '../version.ts';
import { isAtLeast } from '../../runtime/runtime-version.ts';

export interface CriMirror {
  /** With a scheme. */
  readonly urls: readonly string[];
  /** Pattern → replacement, k3s's extension. */
  readonly rewrites: ReadonlyMap<string, string>;
  readonly source: ConfigSource;
}

export interface CriHost {
  readonly auth: PlainAuth;
  readonly tls: CertificateNames;
  readonly source: ConfigSource;
}

export interface CriRegistry {
  readonly configPath: string;
  /** By registry; `*` for those without an entry. */
  readonly mirrors: ReadonlyMap<string, CriMirror>;
  /** By the host that is asked. */
  readonly hosts: ReadonlyMap<string, CriHost>;
  readonly warnings: readonly Warning[];
}

/** Throws `MirrorConfigError` `SYNTAX` or `INVALID`: containerd's CRI does not start with such a file. */
export function parseConfigToml(text: string, file: string, version: ContainerdVersion): CriRegistry {
  const document = parseTomlTable(text, file);
  const { registry, warnings } = registryTable(document, version);
  return {
    configPath: registry?.text('config_path') ?? '',
    mirrors: mapValues(registry?.tables('mirrors'), mirror),
    hosts: mapValues(registry?.tables('configs'), host),
    warnings: [...warnings, ...imports(document), ...extensions(registry, version)],
  };
}

function mapValues<T>(
  tables: ReadonlyMap<string, TomlTable> | undefined,
  read: (table: TomlTable) => T,
): ReadonlyMap<string, T> {
  return new Map([...(tables ?? [])].map(([name, table]) => [name, read(table)]));
}

const images = 'io.containerd.cri.v1.images';
const grpc = 'io.containerd.grpc.v1.cri';

/** The plugin has another name in each version of the file. containerd 2 knows the older names, containerd 1 only the one of the version. */
function registryTable(
  document: TomlTable,
  version: ContainerdVersion,
): { readonly registry: TomlTable | null; readonly warnings: readonly Warning[] } {
  const plugins = document.table('plugins');
  const fileVersion = document.number('version') ?? 1;
  const old = fileVersion >= 3 ? [] : fileVersion === 2 ? [grpc] : [grpc, 'cri'];
  const read = isAtLeast(version, 2, 0) ? [images, ...old] : [fileVersion >= 2 ? grpc : 'cri'];
  const present = [images, grpc, 'cri'].filter((name) => plugins.table(name).has('registry'));
  const used = read.find((name) => present.includes(name));
  const ignored = present.filter((name) => name !== used);
  return {
    registry: used === undefined ? null : plugins.table(used).table('registry'),
    warnings: ignored.map((name) => {
      const message = `containerd ${version.major}.${version.minor} does not read the registry table of ${name} in this file, which is of version ${fileVersion}`;
      return warn('PluginTableIgnored', plugins.source(name), message);
    }),
  };
}

function mirror(table: TomlTable): CriMirror {
  const urls = table.texts('endpoint').map(criEndpointUrl);
  const bad = urls.find((url) => parseGoUrl(url) === null);
  if (bad !== undefined) throw table.error('endpoint', `${clean(bad, 120)} is no URL`);
  const rewrite = table.table('rewrite');
  return {
    urls,
    rewrites: new Map(rewrite.keys.map((pattern) => [pattern, rewrite.text(pattern)])),
    source: table.source('endpoint'),
  };
}

function host(table: TomlTable): CriHost {
  const [auth, tls] = [table.table('auth'), table.table('tls')];
  const [ca, cert, key] = [tls.text('ca_file'), tls.text('cert_file'), tls.text('key_file')];
  return {
    auth: {
      username: auth.text('username'),
      password: auth.text('password'),
      auth: auth.text('auth'),
      identityToken: auth.text('identitytoken'),
    },
    tls: {
      ca: ca === '' ? [] : [ca],
      client: cert === '' && key === '' ? [] : [{ cert, key }],
      skipVerify: tls.flag('insecure_skip_verify'),
    },
    source: table.source(table.has('tls') ? 'tls' : 'auth'),
  };
}

function imports(document: TomlTable): readonly Warning[] {
  if (!document.has('imports')) return [];
  const message = 'files that config.toml imports are not read: put the registry table into this file';
  return [warn('ImportsNotRead', document.source('imports'), message)];
}

function extensions(registry: TomlTable | null, version: ContainerdVersion): readonly Warning[] {
  if (registry === null || version.isK3s) return [];
  return [...registry.tables('mirrors').values()]
    .filter((table) => table.has('rewrite'))
    .map((table) => warn('RewriteExtension', table.source('rewrite'), rewriteExtension));
}
