/** `registries.yaml` as k3s and RKE2 read it. What it means for an image is decided elsewhere. */
import type { ConfigSource } from '../endpoint.ts';
import type { PlainAuth } from '../plain-credential.ts';
import { parseYamlValue, type YamlValue } from './yaml-value.ts';

export interface MirrorEndpoint {
  readonly text: string;
  readonly source: ConfigSource;
}

export interface K3sMirror {
  readonly endpoints: readonly MirrorEndpoint[];
  /** Pattern → replacement. */
  readonly rewrites: ReadonlyMap<string, string>;
  readonly source: ConfigSource;
}

/** Empty strings stand for what is not set, as in Go. */
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

/** Registry → mirror and configuration; `*` stands for those without a mirror, or a configuration, of their own. */
export interface Registries {
  readonly mirrors: ReadonlyMap<string, K3sMirror>;
  readonly configs: ReadonlyMap<string, RegistryConfig>;
}

/** Throws `MirrorConfigError` `SYNTAX` or `INVALID`: k3s does not start with such a file. */
export function parseRegistries(text: string, file: string): Registries {
  const root = parseYamlValue(text, file).entries();
  return {
    mirrors: mapValues(root.get('mirrors')?.entries(), mirror),
    configs: mapValues(root.get('configs')?.entries(), config),
  };
}

function mirror(value: YamlValue): K3sMirror {
  const fields = value.entries();
  const endpoints = fields.get('endpoint')?.items() ?? [];
  return {
    endpoints: endpoints.map((each) => ({ text: each.text(), source: each.source })),
    rewrites: mapValues(fields.get('rewrite')?.entries(), (each) => each.text()),
    source: value.source,
  };
}

function config(value: YamlValue): RegistryConfig {
  const fields = value.entries();
  const [auth, tls] = [fields.get('auth'), fields.get('tls')];
  return {
    auth: auth === undefined || auth.isNull ? null : plainAuth(auth.entries()),
    tls: tls === undefined || tls.isNull ? null : tlsFiles(tls.entries()),
    source: value.source,
  };
}

type Fields = ReadonlyMap<string, YamlValue>;

function plainAuth(fields: Fields): PlainAuth {
  return {
    username: textOf(fields, 'username'),
    password: textOf(fields, 'password'),
    auth: textOf(fields, 'auth'),
    identityToken: textOf(fields, 'identity_token'),
  };
}

function tlsFiles(fields: Fields): TlsFiles {
  return {
    caFile: textOf(fields, 'ca_file'),
    certFile: textOf(fields, 'cert_file'),
    keyFile: textOf(fields, 'key_file'),
    insecureSkipVerify: fields.get('insecure_skip_verify')?.flag() ?? false,
  };
}

function textOf(fields: Fields, name: string): string {
  return fields.get(name)?.text() ?? '';
}

function mapValues<T>(map: Fields | undefined, read: (value: YamlValue) => T): ReadonlyMap<string, T> {
  return new Map([...(map ?? [])].map(([key, value]) => [key, read(value)]));
}
