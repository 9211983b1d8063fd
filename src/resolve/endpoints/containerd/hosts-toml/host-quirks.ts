/** What the tables of a `hosts.toml` mean to a person and not to containerd: warnings, nothing else. */
import { clean } from '../../../../util/text/text.ts';
import type { Warning } from '../../../warning.ts';
import type { ConfigSource } from '../../endpoint.ts';
import { warn } from '../../warn.ts';
import type { HostTurn } from './host-order.ts';
import type { TypedTable } from './host-table.ts';
import type { Lines } from '../toml-entries.ts';
import { type ContainerdVersion, rewriteExtension } from '../version.ts';

/** Hosts without a turn, hosts with several. */
export function turnWarnings(
  file: string,
  names: Iterable<string>,
  turns: readonly HostTurn[],
  lines: Lines,
): readonly Warning[] {
  const seen = new Set<string>();
  const repeated = turns.filter(({ name }) => seen.size === seen.add(name).size);
  const dropped = [...names].filter((name) => !seen.has(name));
  return [
    ...dropped.map((name) => warn('InlineTableDropped', { file, line: lines(['host', name]) }, drops(name))),
    ...repeated.map(({ name, line }) => warn('DuplicateHost', { file, line }, duplicates(name))),
  ];
}

function drops(name: string): string {
  const host = clean(name, 120);
  return `host ${host} is given by a key, not by a table header, and containerd never asks it: write [host."${host}"]`;
}

function duplicates(name: string): string {
  return `host ${clean(name, 120)} is taken up again after another host, and containerd asks it again here: move this table up to its host`;
}

/** Keys of the table at `path` that containerd does not know, misspelt ones for instance, or that not every containerd knows. */
export function tableWarnings(
  file: string,
  path: readonly string[],
  table: TypedTable,
  lines: Lines,
  version: ContainerdVersion,
): readonly Warning[] {
  const at = (name: string): ConfigSource => ({ file, line: lines([...path, name]) });
  const unknown = table.unknown.map((name) =>
    warn('UnknownKey', at(name), `containerd ignores the key ${clean(name, 80)}`),
  );
  if (table.rewrite === undefined || version.isK3s) return unknown;
  return [...unknown, warn('RewriteExtension', at('rewrite'), rewriteExtension)];
}
