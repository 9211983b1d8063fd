/** Parser of `registries.yaml`, by the rules of k3s and RKE2. `host-configs.ts` derives the endpoints of an image from it. */
import { DocumentError } from '../../../document/document-error.ts';
import { DocumentValue } from '../../../document/document-value.ts';
import { parseYamlDocuments } from '../../../document/yaml.ts';
import type { Warning } from '../../warning.ts';
import type { PlainAuth } from '../containerd/plain-credential.ts';
import type { ConfigSource } from '../endpoint.ts';
import { unknownKeyWarnings } from '../warn.ts';

export interface MirrorEndpoint {
  readonly text: string;
  readonly source: ConfigSource;
}

export interface K3sMirror {
  readonly endpoints: readonly MirrorEndpoint[];
  /** Maps a regular expression to its replacement. */
  readonly rewrites: ReadonlyMap<string, string>;
  readonly source: ConfigSource;
}

/** Names of certificate files. An empty string means not set, as in Go. */
export interface TlsFiles {
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
  readonly insecureSkipVerify: boolean;
}

export interface RegistryConfig {
  readonly auth: PlainAuth | null;
  readonly tls: TlsFiles | null;
  readonly source: ConfigSource | null;
}

/**
 * Mirrors and configurations by registry. `*` applies to registries without a mirror, or without a configuration, of their
 * own.
 */
export interface Registries {
  readonly mirrors: ReadonlyMap<string, K3sMirror>;
  readonly configs: ReadonlyMap<string, RegistryConfig>;
  readonly unknownKeys: readonly Warning[];
}

/** Parses the file. Throws `DocumentError` if k3s would not start with it. */
export function parseRegistries(text: string, file: string): Registries {
  const [root = null, ...others] = parseYamlDocuments(text, 'go-yaml');
  const [second] = others;
  if (second) throw new DocumentError('SYNTAX', 'a second document begins here; k3s reads one', second);
  const table = new DocumentValue(root, { file, ignoreCase: false, anyScalarIsText: true });
  return {
    mirrors: mapEntries(table.get('mirrors'), readMirror),
    configs: mapEntries(table.get('configs'), readConfig),
    unknownKeys: keyWarnings(table),
  };
}

function readMirror(table: DocumentValue): K3sMirror {
  const endpoints = table.get('endpoint').items();
  return {
    endpoints: endpoints.map((each) => ({ text: each.string(), source: each.source })),
    rewrites: mapEntries(table.get('rewrite'), (each) => each.string()),
    source: table.source,
  };
}

function readConfig(table: DocumentValue): RegistryConfig {
  const [auth, tls] = [table.get('auth'), table.get('tls')];
  return {
    auth: auth.isNull ? null : readPlainAuth(auth),
    tls: tls.isNull ? null : readTlsFiles(tls),
    source: table.source,
  };
}

function readPlainAuth(auth: DocumentValue): PlainAuth {
  return {
    username: auth.get('username').string(),
    password: auth.get('password').string(),
    auth: auth.get('auth').string(),
    identityToken: auth.get('identity_token').string(),
  };
}

function readTlsFiles(tls: DocumentValue): TlsFiles {
  return {
    caFile: tls.get('ca_file').string(),
    certFile: tls.get('cert_file').string(),
    keyFile: tls.get('key_file').string(),
    insecureSkipVerify: tls.get('insecure_skip_verify').boolean(),
  };
}

const authKeys = ['username', 'password', 'auth', 'identity_token'];
const tlsKeys = ['ca_file', 'cert_file', 'key_file', 'insecure_skip_verify'];

function keyWarnings(root: DocumentValue): readonly Warning[] {
  const mirrors = [...root.get('mirrors').entries().values()];
  const configs = [...root.get('configs').entries().values()];
  const unknown = (tables: readonly DocumentValue[], keys: readonly string[]): readonly Warning[] =>
    tables.flatMap((table) => unknownKeyWarnings(table, keys, 'k3s'));
  const [auths, tls] = ['auth', 'tls'].map((name) => configs.map((table) => table.get(name)));
  return [
    ...unknown([root], ['mirrors', 'configs']),
    ...unknown(mirrors, ['endpoint', 'rewrite']),
    ...unknown(configs, ['auth', 'tls']),
    ...unknown(auths ?? [], authKeys),
    ...unknown(tls ?? [], tlsKeys),
  ];
}

function mapEntries<T>(table: DocumentValue, read: (value: DocumentValue) => T): ReadonlyMap<string, T> {
  return new Map([...table.entries()].map(([key, value]) => [key, read(value)]));
}
