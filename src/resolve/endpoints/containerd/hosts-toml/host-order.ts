/**
 * Order in which containerd tries the hosts of a `hosts.toml`. It follows the positions of table headers or mentions in the
 * text, not the order of parsed keys.
 */
import type { TomlStatement } from '../../../../document/toml.ts';

/** One position in the order; a host may have several. */
export interface HostEntry {
  readonly name: string;
  /** Line of the file that gives the host this position. */
  readonly line: number;
}

/**
 * Returns the order of containerd 2.0 and later: one entry for each run of table headers that name the same host, so a
 * sub-table after another host repeats its host.
 */
export function orderByHeader(statements: readonly TomlStatement[]): readonly HostEntry[] {
  const order: HostEntry[] = [];
  for (const { kind, path, line } of statements) {
    const [first, name] = path;
    if (kind !== 'table' || first !== 'host' || name === undefined || order.at(-1)?.name === name) continue;
    order.push({ name, line });
  }
  return order;
}

/** Returns the order of containerd 1.x: one entry for each host, at its first mention, which may be a key. */
export function orderByMention(statements: readonly TomlStatement[]): readonly HostEntry[] {
  const lines = new Map<string, number>();
  for (const { path, line } of statements) {
    const [first, name] = path;
    if (first === 'host' && name !== undefined && !lines.has(name)) lines.set(name, line);
  }
  return [...lines].map(([name, line]) => ({ name, line }));
}
