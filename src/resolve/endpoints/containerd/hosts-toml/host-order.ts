/** Order in which the hosts of a `hosts.toml` are asked: containerd goes by table headers or by mention, not by parsed keys. */
import type { TomlStatement } from '../../../../document/toml.ts';

/** One place in the order; a host may have several. */
export interface HostEntry {
  readonly name: string;
  /** Line that gives the host this place. */
  readonly line: number;
}

/** The order of containerd 2.0 and later: one entry for each run of table headers that name a host, so a sub-table after another host repeats its host. */
export function orderByHeader(statements: readonly TomlStatement[]): readonly HostEntry[] {
  const order: HostEntry[] = [];
  for (const { kind, path, line } of statements) {
    const [first, name] = path;
    if (kind !== 'table' || first !== 'host' || name === undefined || order.at(-1)?.name === name) continue;
    order.push({ name, line });
  }
  return order;
}

/** The order of containerd 1.x: one entry for each host, where it is mentioned first, be it by a key. */
export function orderByMention(statements: readonly TomlStatement[]): readonly HostEntry[] {
  const lines = new Map<string, number>();
  for (const { path, line } of statements) {
    const [first, name] = path;
    if (first === 'host' && name !== undefined && !lines.has(name)) lines.set(name, line);
  }
  return [...lines].map(([name, line]) => ({ name, line }));
}
