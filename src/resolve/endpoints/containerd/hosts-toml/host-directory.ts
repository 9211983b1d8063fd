/**
 * Loader of one directory of a `hosts.toml` tree: its file, or Docker-style certificates if there is none. It reads the
 * directory once, when the configuration is loaded.
 */
import { posix } from 'node:path';
import type { Warning } from '../../../warning.ts';
import type { Files } from '../../files/files.ts';
import type { ContainerdVersion } from '../../runtime/containerd-version.ts';
import type { HostTable } from './host-table.ts';
import { parseHostsFile } from './hosts-file.ts';
import { type LoadedHost, loadHost } from '../loaded-host.ts';
import { blankTable } from '../resolve-hosts.ts';

export interface HostDirectory {
  readonly path: string;
  readonly file: string;
  /** The last host is that of the root table. */
  readonly hosts: readonly LoadedHost[];
  readonly warnings: readonly Warning[];
  /**
   * True if the directory has neither `hosts.toml` nor certificates. It then only hides the directories that come after it.
   */
  readonly isEmpty: boolean;
}

/**
 * Loads the directory. `outside` finds files that are named by absolute paths of the node. Throws `FileError` if `hosts.toml`
 * cannot be read.
 */
export function loadHostDirectory(
  path: string,
  version: ContainerdVersion,
  files: Files,
  outside: Files,
): HostDirectory {
  const file = posix.join(path, 'hosts.toml');
  // containerd treats an empty file like a missing one.
  const text = files.read(file) ?? '';
  const parsed = text === '' ? null : parseHostsFile(text, { file, directory: path }, version);
  const certificates = parsed?.hosts ? null : certificateTable(path, files.list(path) ?? []);
  const tables = parsed?.hosts ?? [certificates ?? blankTable];
  const filesFor = (name: string): Files => (name.startsWith(`${path}/`) ? files : outside);
  const everywhere: Files = {
    read: (name) => filesFor(name).read(name),
    readBytes: (name) => filesFor(name).readBytes(name),
    list: (name) => filesFor(name).list(name),
  };
  return {
    path,
    file,
    hosts: tables.map((table, index) => {
      const role = index === tables.length - 1 ? 'upstream' : 'mirror';
      const place = table.source ?? { file, line: null };
      return loadHost(table, { role, place, credential: null }, everywhere);
    }),
    warnings: parsed?.warnings ?? [],
    isEmpty: text === '' && certificates === null,
  };
}

/**
 * Returns the table of a directory with certificates only: `*.crt` are CAs, `*.cert` are client certificates whose key is in a
 * `*.key` or in the same file. Returns null if there are none.
 */
function certificateTable(path: string, names: readonly string[]): HostTable | null {
  const at = (name: string): string => posix.join(path, name);
  const ca = names.filter((name) => name.endsWith('.crt')).map(at);
  const client = names
    .filter((name) => name.endsWith('.cert'))
    .map((name) => ({ cert: name, key: name.replace(/\.cert$/, '.key') }))
    .map(({ cert, key }) => ({ cert: at(cert), key: names.includes(key) ? at(key) : '' }));
  if (ca.length === 0 && client.length === 0) return null;
  return {
    ...blankTable,
    ca: ca.length > 0 ? ca : null,
    client: client.length > 0 ? client : null,
    source: { file: path, line: null },
  };
}
