/**
 * Parser of one `hosts.toml`: its host tables in the order in which containerd tries them, the root table last. It reads no
 * other file.
 */
import { DocumentError } from '../../../../document/document-error.ts';
import { DocumentValue } from '../../../../document/document-value.ts';
import { parseToml } from '../../../../document/toml.ts';
import { clean } from '../../../../util/text/text.ts';
import type { Warning } from '../../../warning.ts';
import type { ConfigSource } from '../../endpoint.ts';
import type { ContainerdVersion } from '../../runtime/containerd-version.ts';
import { isAtLeast } from '../../runtime/runtime-version.ts';
import { warn } from '../../warn.ts';
import { orderByHeader, orderByMention } from './host-order.ts';
import { keyWarnings, orderWarnings, serverWarnings } from './host-quirks.ts';
import { decodeTable, type HostTable, UnknownCapability } from './host-table.ts';

/** Location of a file: the name that messages show, and the directory that relative names in it start from. */
export interface HostsFilePlace {
  readonly file: string;
  readonly directory: string;
}

/**
 * `hosts` is null if containerd ignores the file. Otherwise its last element is the root table, even if that names no server.
 */
export interface HostsFile {
  readonly hosts: readonly HostTable[] | null;
  readonly warnings: readonly Warning[];
}

/** Parses a file. It never throws: a file that containerd ignores gives a warning. */
export function parseHostsFile(text: string, place: HostsFilePlace, version: ContainerdVersion): HostsFile {
  try {
    return decodeFile(text, place, version);
  } catch (error) {
    if (error instanceof UnknownCapability)
      return ignored('UnknownCapability', error.message, error.line, place);
    if (!(error instanceof DocumentError)) throw error;
    return ignored('HostsFileIgnored', error.message, error.position?.line ?? null, place);
  }
}

function ignored(code: string, why: string, line: number | null, { file }: HostsFilePlace): HostsFile {
  const message = `containerd ignores the whole file: ${clean(why)}`;
  return { hosts: null, warnings: [warn(code, { file, line }, message)] };
}

function decodeFile(text: string, place: HostsFilePlace, version: ContainerdVersion): HostsFile {
  const { file, directory } = place;
  const isVersion1 = !isAtLeast(version, 2, 0);
  // go-toml version 1, which containerd 1.x uses, drops the byte order mark; version 2 does not.
  if (text.startsWith('\ufeff') && !isVersion1) {
    throw new DocumentError('SYNTAX', byteOrderMark, { line: 1, column: 1 });
  }
  const { root, statements } = parseToml(text.replace(/^\ufeff/, ''));
  const table = new DocumentValue(root, { file, ignoreCase: true, anyScalarIsText: false });
  if (isVersion1 && !root.members.has('host'))
    return ignored('ServerOnlyFileIgnored', serverOnly, null, place);

  const tables = table.get('host').entries();
  const order = (isVersion1 ? orderByMention : orderByHeader)(statements);
  // Tables of hosts that containerd never tries must have the right types too.
  const decoded = new Map(
    [...tables].map(([name, each]) => [name, decodeTable(name, each, directory, null)]),
  );
  const hosts = order.flatMap(({ name, line }) => {
    const host = decoded.get(name);
    return host ? [{ ...host, source: { file, line } }] : [];
  });
  const server = table.get('server').string();
  return {
    hosts: [...hosts, decodeTable(server, table, directory, rootSource(table))],
    warnings: [
      ...orderWarnings(tables, order, file),
      ...serverWarnings(table.get('server'), tables),
      ...keyWarnings(table, tables),
    ],
  };
}

const serverOnly = 'it has no [host] table, and containerd 1.x needs one even beside a server';
const byteOrderMark =
  'it begins with a byte order mark, which containerd 2.0 and later do not read; save it as UTF-8 without one';

/** Returns the place where the root table configures its server; null if it leaves everything to the defaults. */
function rootSource(table: DocumentValue): ConfigSource | null {
  const keys = ['server', 'ca', 'client', 'skip_verify', 'header', 'dial_timeout', 'rewrite'];
  const key = keys.find((each) => table.has(each));
  return key === undefined ? null : table.get(key).source;
}
