/** Converter of a registries.conf of version 1 (`[registries.search]`, `.insecure`, `.block`), which CRI-O still reads. */
import type { DocumentValue } from '../../../../document/document-value.ts';
import type { ConfigSource } from '../../endpoint.ts';
import { parseLocation } from './check.ts';
import type { RegistryEntry } from './entry.ts';

const sections = ['search', 'insecure', 'block'] as const;

export function hasVersion1(root: DocumentValue): boolean {
  return sections.some((section) => list(root, section) !== null);
}

/** Returns the configuration as entries of version 2. Throws `DocumentError`. */
export function version1(root: DocumentValue): {
  readonly entries: readonly RegistryEntry[];
  readonly search: readonly string[] | null;
} {
  const blocked = new Set(list(root, 'block')?.map(parseLocation));
  const insecure = new Set(list(root, 'insecure')?.map(parseLocation));
  const source = { file: root.source.file, line: null };
  const entries = [...new Set([...blocked, ...insecure])].map((location) =>
    entry(location, blocked.has(location), insecure.has(location), source),
  );
  return { entries, search: list(root, 'search') };
}

function entry(location: string, blocked: boolean, insecure: boolean, source: ConfigSource): RegistryEntry {
  return { prefix: location, location, blocked, insecure, mirrorByDigestOnly: false, mirrors: [], source };
}

function list(root: DocumentValue, section: (typeof sections)[number]): readonly string[] | null {
  const registries = root.get('registries').get(section).get('registries');
  return registries.isNull ? null : registries.strings();
}
