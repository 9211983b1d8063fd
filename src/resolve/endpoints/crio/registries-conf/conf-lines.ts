/** Line numbers of the `[[registry]]` and `[[registry.mirror]]` tables of a registries.conf; null for those written inline. */
import { type TomlEntry, tomlEntries } from '../../containerd/toml-entries.ts';

export interface ConfLines {
  registry(index: number): number | null;
  mirror(index: number, mirror: number): number | null;
}

/** `text` has to be TOML already. */
export function confLines(text: string): ConfLines {
  const registries: { readonly line: number; readonly mirrors: number[] }[] = [];
  for (const entry of tomlEntries(text)) {
    if (isArray(entry, 'registry')) registries.push({ line: entry.line, mirrors: [] });
    else if (isArray(entry, 'registry.mirror')) registries.at(-1)?.mirrors.push(entry.line);
  }
  return {
    registry: (index) => registries[index]?.line ?? null,
    mirror: (index, mirror) => registries[index]?.mirrors[mirror] ?? null,
  };
}

function isArray({ kind, path }: TomlEntry, name: string): boolean {
  return kind === 'array' && path.join('.').toLowerCase() === name;
}
