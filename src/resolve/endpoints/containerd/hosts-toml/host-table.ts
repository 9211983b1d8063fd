/** One table of a `hosts.toml`, decoded as containerd decodes it: a wrong type anywhere refuses the whole file. Nothing is read or asked here. */
import { isAbsolute, posix } from 'node:path';
import { parseDuration } from '../../../../util/text/duration.ts';
import { clean } from '../../../../util/text/text.ts';
import type { ClientPair } from '../../files/certificates.ts';
import { allCapabilities } from '../../default.ts';
import type { Capability, ConfigSource } from '../../endpoint.ts';
import { HostsFileError } from './hosts-file-error.ts';
import { decodeServer, type Server } from './server.ts';

/** The root table, which describes the `server`, or a `[host."…"]`. */
export interface HostTable extends Server {
  readonly capabilities: readonly Capability[];
  /** null when not configured. An empty list is a setting: it makes an http server an https-first one. */
  readonly ca: readonly string[] | null;
  readonly client: readonly ClientPair[] | null;
  readonly skipVerify: boolean | null;
  readonly header: ReadonlyMap<string, readonly string[]> | null;
  readonly dialTimeoutMs: number | null;
  /** Pattern → replacement, k3s's extension. */
  readonly rewrites: ReadonlyMap<string, string>;
  readonly source: ConfigSource | null;
}

/** As the TOML parser gives it: without a prototype. */
export type Table = Readonly<Record<string, unknown>>;

/** A TOML table with values of the types that Go's decoder demands; it finds fields without regard to case. */
export interface TypedTable {
  readonly capabilities: readonly string[];
  readonly ca: unknown;
  readonly client: unknown;
  readonly skipVerify: boolean | null;
  readonly header: ReadonlyMap<string, unknown> | null;
  readonly overridePath: boolean;
  readonly dialTimeout: string;
  readonly rewrite: unknown;
  /** Names that containerd ignores. */
  readonly unknown: readonly string[];
}

const fieldNames = ['capabilities', 'ca', 'client', 'skip_verify', 'header', 'override_path', 'dial_timeout'];
const known: ReadonlySet<string> = new Set([...fieldNames, 'rewrite']);

/** Checks types only; `beside` are further names that are known here (`server`, `host`). Throws `HostsFileError`. */
export function typedTable(table: Table, beside: readonly string[] = []): TypedTable {
  const lower = new Map(Object.entries(table).map(([name, value]) => [name.toLowerCase(), value]));
  const typed = <T>(name: string, guard: (value: unknown) => value is T, what: string): T | null => {
    const value = lower.get(name);
    if (value === undefined) return null;
    if (!guard(value)) throw new HostsFileError('HostsFileIgnored', `${name} is not ${what}`);
    return value;
  };
  const header = typed('header', isTable, 'a table');
  return {
    capabilities: typed('capabilities', isStrings, 'a list of strings') ?? [],
    ca: lower.get('ca'),
    client: lower.get('client'),
    skipVerify: typed('skip_verify', isBoolean, 'true or false'),
    header: header === null ? null : new Map(Object.entries(header)),
    overridePath: typed('override_path', isBoolean, 'true or false') ?? false,
    dialTimeout: typed('dial_timeout', isString, 'a string') ?? '',
    rewrite: lower.get('rewrite'),
    unknown: Object.keys(table).filter((name) => !known.has(name.toLowerCase()) && !beside.includes(name)),
  };
}

/** The table of `server`; relative file names are under `directory`. Throws `HostsFileError`. */
export function decodeTable(
  server: string,
  table: TypedTable,
  directory: string,
  source: ConfigSource | null,
): HostTable {
  return {
    ...decodeServer(server, table.overridePath),
    capabilities: decodeCapabilities(table.capabilities),
    ca: decodeCa(table.ca, directory),
    client: decodeClient(table.client, directory),
    skipVerify: table.skipVerify,
    header: decodeHeader(table.header),
    dialTimeoutMs: decodeDuration(table.dialTimeout),
    rewrites: decodeRewrites(table.rewrite),
    source,
  };
}

function decodeCapabilities(names: readonly string[]): readonly Capability[] {
  const lower = names.map((name) => name.toLowerCase());
  const unknown = lower.find((name) => !allCapabilities.some((capability) => capability === name));
  if (unknown !== undefined) {
    throw new HostsFileError('UnknownCapability', `unknown capability ${clean(unknown, 40)}`);
  }
  return lower.length === 0 ? allCapabilities : allCapabilities.filter((each) => lower.includes(each));
}

function decodeCa(value: unknown, directory: string): readonly string[] | null {
  if (value === undefined) return null;
  if (isString(value)) return [absolute(value, directory)];
  if (isStrings(value)) return value.map((name) => absolute(name, directory));
  throw new HostsFileError('HostsFileIgnored', 'ca is neither a string nor a list of strings');
}

/** A file, a list of files, or a list of files and pairs; an empty list is as good as none. */
function decodeClient(value: unknown, directory: string): readonly ClientPair[] | null {
  if (value === undefined) return null;
  const items: readonly unknown[] | null = isString(value) ? [value] : Array.isArray(value) ? value : null;
  if (items === null) throw new HostsFileError('HostsFileIgnored', 'client is neither a string nor a list');
  const pairs = items.map((item) => {
    if (isString(item)) return { cert: absolute(item, directory), key: '' };
    if (!isStrings(item) || item.length !== 2) {
      throw new HostsFileError(
        'HostsFileIgnored',
        'client has an entry that is no file and no pair of files',
      );
    }
    const [cert = '', key = ''] = item;
    return { cert: absolute(cert, directory), key: key === '' ? '' : absolute(key, directory) };
  });
  return pairs.length === 0 ? null : pairs;
}

function decodeHeader(
  header: ReadonlyMap<string, unknown> | null,
): ReadonlyMap<string, readonly string[]> | null {
  if (header === null) return null;
  const values = [...header].map(([name, value]): [string, readonly string[]] => {
    if (isString(value)) return [name, [value]];
    if (isStrings(value)) return [name, value];
    throw new HostsFileError('HostsFileIgnored', `header ${clean(name, 40)} is no string or list of strings`);
  });
  return new Map(values);
}

function decodeDuration(text: string): number | null {
  if (text === '') return null;
  const milliseconds = parseDuration(text);
  if (milliseconds !== null) return milliseconds;
  throw new HostsFileError('HostsFileIgnored', `dial_timeout ${clean(text, 40)} is no duration such as 3s`);
}

function decodeRewrites(value: unknown): ReadonlyMap<string, string> {
  const entries = isTable(value) ? Object.entries(value) : [];
  return new Map(entries.filter((entry): entry is [string, string] => isString(entry[1])));
}

function absolute(name: string, directory: string): string {
  return isAbsolute(name) ? name : posix.join(directory, name);
}

const isString = (value: unknown): value is string => typeof value === 'string';
const isBoolean = (value: unknown): value is boolean => typeof value === 'boolean';
const isStrings = (value: unknown): value is string[] => Array.isArray(value) && value.every(isString);

/** A TOML table: no list and no date. */
export function isTable(value: unknown): value is Table {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}
