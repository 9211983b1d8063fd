/**
 * Decoder of one table of a `hosts.toml`. It follows containerd, for which a wrong type anywhere makes the whole file ignored.
 * It reads no other file.
 */
import { isAbsolute, posix } from 'node:path';
import type { DocumentValue } from '../../../../document/document-value.ts';
import { parseDuration } from '../../../../util/text/duration.ts';
import { clean } from '../../../../util/text/text.ts';
import { allCapabilities } from '../../default.ts';
import type { Capability, ConfigSource } from '../../endpoint.ts';
import type { ClientPair } from '../../files/certificates.ts';
import { decodeServer, type Server } from '../server.ts';

/** The root table, which describes the `server`, or a `[host."…"]`. */
export interface HostTable extends Server {
  readonly capabilities: readonly Capability[];
  /** null if not configured. An empty list counts as configured: it makes containerd try an http server by https first. */
  readonly ca: readonly string[] | null;
  readonly client: readonly ClientPair[] | null;
  readonly skipVerify: boolean | null;
  readonly header: ReadonlyMap<string, readonly string[]> | null;
  readonly dialTimeoutMs: number | null;
  /** Maps a regular expression to its replacement, an extension of k3s. */
  readonly rewrites: ReadonlyMap<string, string>;
  readonly source: ConfigSource | null;
}

/** Keys of a host table; the root table also has `server` and `host`. */
export const hostKeys: readonly string[] = [
  'capabilities',
  'ca',
  'client',
  'skip_verify',
  'header',
  'override_path',
  'dial_timeout',
  'rewrite',
];

/** Error for a capability that no version of containerd knows. */
export class UnknownCapability extends Error {
  override readonly name = 'UnknownCapability';
  readonly code = 'UNKNOWN_CAPABILITY';
  readonly line: number | null;
  constructor(capability: string, line: number | null) {
    super(`unknown capability ${clean(capability, 40)}`);
    this.line = line;
  }
}

/**
 * Decodes the table of `server`; relative file names are under `directory`. Throws `DocumentError` and `UnknownCapability`.
 */
export function decodeTable(
  server: string,
  table: DocumentValue,
  directory: string,
  source: ConfigSource | null,
): HostTable {
  const overridePath = table.get('override_path').boolean();
  const skipVerify = table.get('skip_verify');
  return {
    ...table.check(() => decodeServer(server, overridePath)),
    capabilities: decodeCapabilities(table.get('capabilities')),
    ca: decodeCa(table.get('ca'), directory),
    client: decodeClient(table.get('client'), directory),
    skipVerify: skipVerify.isNull ? null : skipVerify.boolean(),
    header: decodeHeader(table.get('header')),
    dialTimeoutMs: decodeDuration(table.get('dial_timeout')),
    rewrites: decodeRewrites(table.get('rewrite')),
    source,
  };
}

function decodeCapabilities(list: DocumentValue): readonly Capability[] {
  const lower = list.strings().map((name) => name.toLowerCase());
  const unknown = lower.find((name) => !allCapabilities.some((capability) => capability === name));
  if (unknown !== undefined) throw new UnknownCapability(unknown, list.source.line);
  return lower.length === 0 ? allCapabilities : allCapabilities.filter((each) => lower.includes(each));
}

function decodeCa(ca: DocumentValue, directory: string): readonly string[] | null {
  if (ca.isNull) return null;
  return stringOrStrings(ca).map((name) => absolute(name, directory));
}

/** Reads `client`: a file, a list of files, or a list of files and pairs. Returns null for an empty list. */
function decodeClient(client: DocumentValue, directory: string): readonly ClientPair[] | null {
  if (client.isNull) return null;
  const pairs = (client.isList ? client.items() : [client]).map((item) => {
    const [cert = '', key = '', ...others] = stringOrStrings(item);
    if (item.isList && (item.items().length !== 2 || others.length > 0)) {
      throw item.wrongType('a file, a list of files, or a list of pairs of files');
    }
    return { cert: absolute(cert, directory), key: key === '' ? '' : absolute(key, directory) };
  });
  return pairs.length === 0 ? null : pairs;
}

function decodeHeader(header: DocumentValue): ReadonlyMap<string, readonly string[]> | null {
  if (header.isNull) return null;
  return new Map([...header.entries()].map(([name, value]) => [name, stringOrStrings(value)]));
}

function decodeDuration(timeout: DocumentValue): number | null {
  const text = timeout.string();
  if (text === '') return null;
  const milliseconds = parseDuration(text);
  if (milliseconds === null) throw timeout.wrongType('a duration such as "3s"');
  return milliseconds;
}

/** Reads the rewrite rules. k3s's decoder ignores values that are not strings. */
function decodeRewrites(rewrite: DocumentValue): ReadonlyMap<string, string> {
  if (!rewrite.isObject) return new Map();
  const rules = [...rewrite.entries()].filter(([, value]) => value.isString);
  return new Map(rules.map(([pattern, value]) => [pattern, value.string()]));
}

function stringOrStrings(value: DocumentValue): readonly string[] {
  return value.isList ? value.strings() : [value.string()];
}

function absolute(name: string, directory: string): string {
  return isAbsolute(name) ? name : posix.join(directory, name);
}
