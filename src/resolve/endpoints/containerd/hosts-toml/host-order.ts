/** Which hosts of a `hosts.toml` are tried, and in which order: containerd looks for table headers, not for keys. */
import type { TomlEntry } from '../toml-entries.ts';

/** A host in its turn; `line` is where that turn comes from. */
export interface HostTurn {
  readonly name: string;
  readonly line: number;
}

/** From 2.0 on a host has a turn per run of table headers that name it: a sub-table given after another host is a turn of its own. */
export function turnsByHeader(entries: readonly TomlEntry[]): readonly HostTurn[] {
  const turns: HostTurn[] = [];
  for (const { kind, path, line } of entries) {
    const [first, name] = path;
    if (kind !== 'table' || first !== 'host' || name === undefined || turns.at(-1)?.name === name) continue;
    turns.push({ name, line });
  }
  return turns;
}

/** Up to 1.7 each host has one turn, where it is first mentioned, be it by a key. */
export function turnsByMention(entries: readonly TomlEntry[]): readonly HostTurn[] {
  const lines = new Map<string, number>();
  for (const { path, line } of entries) {
    const [first, name] = path;
    if (first === 'host' && name !== undefined && !lines.has(name)) lines.set(name, line);
  }
  return [...lines].map(([name, line]) => ({ name, line }));
}
