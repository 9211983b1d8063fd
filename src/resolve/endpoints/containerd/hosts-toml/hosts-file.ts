/** One `hosts.toml`: its host tables in the order that containerd finds them, the root table last. Touches no other file. */
import { parse, TomlError } from 'smol-toml';
import { clean } from '../../../../util/text/text.ts';
import type { Warning } from '../../../warning.ts';
import { warn } from '../../warn.ts';
import { turnsByHeader, turnsByMention } from './host-order.ts';
import { tableWarnings, turnWarnings } from './host-quirks.ts';
import {
  decodeTable,
  type HostTable,
  isTable,
  type Table,
  type TypedTable,
  typedTable,
} from './host-table.ts';
import { HostsFileError } from './hosts-file-error.ts';
import { type Lines, linesOf, tomlEntries } from '../toml-entries.ts';
import { type ContainerdVersion } from '../version.ts';
import { isAtLeast } from '../../runtime/runtime-version.ts';

/** Where a file stands: as it is shown, and the directory that relative names in it start from. */
export interface HostsFilePlace {
  readonly file: string;
  readonly directory: string;
}

/** `hosts` is null when containerd ignores the file; else its last is the root table, even one that names no server. */
export interface HostsFile {
  readonly hosts: readonly HostTable[] | null;
  readonly warnings: readonly Warning[];
}

/** Never throws: a file that containerd refuses is ignored, with a warning. */
export function parseHostsFile(text: string, place: HostsFilePlace, version: ContainerdVersion): HostsFile {
  try {
    return decodeFile(text, place, version);
  } catch (error) {
    if (!(error instanceof HostsFileError)) throw error;
    const message = `containerd ignores the whole file: ${clean(error.message)}`;
    return { hosts: null, warnings: [warn(error.code, { file: place.file, line: error.line }, message)] };
  }
}

function decodeFile(
  text: string,
  { file, directory }: HostsFilePlace,
  version: ContainerdVersion,
): HostsFile {
  const root = parseToml(text);
  const entries = tomlEntries(text);
  const lines = linesOf(entries);
  const legacy = !isAtLeast(version, 2, 0);
  if (legacy && !Object.hasOwn(root, 'host')) throw new HostsFileError('ServerOnlyFileIgnored', serverOnly);

  const lower = new Map(Object.entries(root).map(([name, value]) => [name.toLowerCase(), value]));
  const server = serverOf(lower.get('server') ?? '', lines);
  const typedRoot = at(null, () => typedTable(root, ['server', 'host']));
  const tables = hostTables(lower.get('host') ?? {}, lines);
  const turns = (legacy ? turnsByMention : turnsByHeader)(entries);
  const decode = (name: string, table: TypedTable, line: number | null): HostTable =>
    at(line, () => decodeTable(name, table, directory, line === null ? null : { file, line }));
  const hosts = turns.flatMap(({ name, line }) => {
    const table = tables.get(name);
    return table ? [decode(name, table, line)] : [];
  });
  return {
    hosts: [...hosts, decode(server, typedRoot, rootLine(lines))],
    warnings: [
      ...turnWarnings(file, tables.keys(), turns, lines),
      ...tableWarnings(file, [], typedRoot, lines, version),
      ...[...tables].flatMap(([name, table]) => tableWarnings(file, ['host', name], table, lines, version)),
    ],
  };
}

const serverOnly = 'it has no [host] table, and containerd 1.x demands one even beside a server';

function parseToml(text: string): Table {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const [why = ''] = error.message.split('\n');
    throw new HostsFileError('HostsFileIgnored', why, error.line, { cause: error });
  }
}

function serverOf(server: unknown, lines: Lines): string {
  if (typeof server === 'string') return server;
  throw new HostsFileError('HostsFileIgnored', 'server is not a string', lines(['server']));
}

/** Where the root table says something about its server; null when it leaves all to the defaults. */
function rootLine(lines: Lines): number | null {
  const keys = ['server', 'ca', 'client', 'skip_verify', 'header', 'dial_timeout', 'rewrite'];
  return keys.map((key) => lines([key])).find((line) => line !== null) ?? null;
}

/** Every table under `host` must have the right types, those that are never asked too. */
function hostTables(host: unknown, lines: Lines): ReadonlyMap<string, TypedTable> {
  if (!isTable(host)) throw new HostsFileError('HostsFileIgnored', 'host is not a table', lines(['host']));
  const tables = Object.entries(host).map(([name, value]): [string, TypedTable] => {
    const line = lines(['host', name]);
    if (!isTable(value)) throw new HostsFileError('HostsFileIgnored', `${clean(name)} is not a table`, line);
    return [name, at(line, () => typedTable(value))];
  });
  return new Map(tables);
}

/** Puts the line of a table on what is wrong in it. */
function at<T>(line: number | null, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof HostsFileError) || error.line !== null) throw error;
    throw new HostsFileError(error.code, error.message, line, { cause: error });
  }
}
