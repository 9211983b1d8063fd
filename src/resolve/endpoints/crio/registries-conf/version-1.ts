/** registries.conf of version 1 (`[registries.search]`, `.insecure`, `.block`), which CRI-O still reads. */
import type { ConfigSource } from '../../endpoint.ts';
import { parseLocation } from './check.ts';
import type { RegistryEntry } from './entry.ts';
import type { TomlTable } from './toml-table.ts';

const sections = ['search', 'insecure', 'block'] as const;

export function hasVersion1(root: TomlTable): boolean {
  return sections.some((section) => list(root, section) !== null);
}

/** The same configuration as entries of version 2. Throws `InvalidSetting`. */
export function version1(root: TomlTable): {
  readonly entries: readonly RegistryEntry[];
  readonly search: readonly string[] | null;
} {
  const blocked = new Set(list(root, 'block')?.map(parseLocation));
  const insecure = new Set(list(root, 'insecure')?.map(parseLocation));
  const source = { file: root.at.file, line: null };
  const entries = [...new Set([...blocked, ...insecure])].map((location) =>
    entry(location, blocked.has(location), insecure.has(location), source),
  );
  return { entries, search: list(root, 'search') };
}

function entry(location: string, blocked: boolean, insecure: boolean, source: ConfigSource): RegistryEntry {
  return { prefix: location, location, blocked, insecure, mirrorByDigestOnly: false, mirrors: [], source };
}

function list(root: TomlTable, section: (typeof sections)[number]): readonly string[] | null {
  return root.table('registries').table(section).strings('registries');
}
