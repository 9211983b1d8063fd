/**
 * Parser of one registries.conf or drop-in. It accepts older files of version 1 as CRI-O does; `load-crio.ts` merges files.
 */
import { DocumentError } from '../../../../document/document-error.ts';
import { DocumentValue, type UnknownKey } from '../../../../document/document-value.ts';
import { parseToml } from '../../../../document/toml.ts';
import type { Warning } from '../../../warning.ts';
import { unknownKeyWarning, unknownKeyWarnings } from '../../warn.ts';
import { type Aliases, parseAliases, parseShortNameMode, parseSearchRegistry } from '../short-names.ts';
import { checkConsistent, readEntry, tablesOf } from './check.ts';
import type { RegistryEntry } from './entry.ts';
import { hasVersion1, version1 } from './version-1.ts';

export interface ConfFile {
  /** Entries sorted by prefix; every prefix occurs once. */
  readonly entries: readonly RegistryEntry[];
  /** `unqualified-search-registries`; null if the file does not set it. */
  readonly search: readonly string[] | null;
  readonly aliases: Aliases;
  readonly warnings: readonly Warning[];
}

/** Parses a file. A drop-in (`dropIn`) must have version 2. Throws `DocumentError`. */
export function parseConfFile(text: string, file: string, dropIn: boolean): ConfFile {
  const { root } = parseToml(text);
  const table = new DocumentValue(root, { file, ignoreCase: true, anyScalarIsText: false });
  const isVersion1 = hasVersion1(table);
  if (isVersion1 && dropIn) throw invalid('a drop-in must have version 2: write [[registry]] tables');
  if (isVersion1 && hasVersion2(table)) {
    throw invalid('versions 1 and 2 are mixed; write [[registry]] tables only');
  }
  const { entries, search } = isVersion1 ? version1(table) : version2(table);
  checkConsistent(entries);
  const mode = table.get('short-name-mode');
  if (mode.string() !== '') mode.check(() => parseShortNameMode(mode.string()));
  const aliases = [...table.get('aliases').entries()].map(([name, alias]) => [name, alias.string()] as const);
  return {
    entries: firstOfEachPrefix(entries),
    search: search && search.map(parseSearchRegistry),
    aliases: parseAliases(new Map(aliases)),
    warnings: keyWarnings(table),
  };
}

function version2(root: DocumentValue): Pick<ConfFile, 'entries' | 'search'> {
  const search = root.get('unqualified-search-registries');
  return {
    entries: tablesOf(root.get('registry'), '[[registry]]').map(readEntry),
    search: search.isNull ? null : search.strings(),
  };
}

function hasVersion2(root: DocumentValue): boolean {
  const names = ['registry', 'unqualified-search-registries', 'credential-helpers', 'aliases'];
  return names.some((name) => root.has(name)) || root.get('short-name-mode').string() !== '';
}

const rootKeys = [
  'registry',
  'registries',
  'unqualified-search-registries',
  'credential-helpers',
  'short-name-mode',
  'aliases',
  'additional-layer-store-auth-helper',
];
const mirrorKeys = ['location', 'insecure', 'pull-from-mirror'];
const registryKeys = [...mirrorKeys, 'prefix', 'mirror', 'blocked', 'mirror-by-digest-only'];

function keyWarnings(root: DocumentValue): readonly Warning[] {
  const registries = tablesOf(root.get('registry'), '[[registry]]');
  const mirrors = registries.flatMap((table) => table.get('mirror').items());
  return [
    ...unknownKeyWarnings(root, rootKeys, 'CRI-O'),
    ...registries.flatMap((table) => table.unknownKeys(registryKeys).map(registryKeyWarning)),
    ...mirrors.flatMap((table) => unknownKeyWarnings(table, mirrorKeys, 'CRI-O')),
  ];
}

/**
 * Warns about an unknown key of a `[[registry]]` table. `mirrors = [...]` is a common mistake, because mirror sets have such a
 * key.
 */
function registryKeyWarning({ name, source }: UnknownKey): Warning {
  const warning = unknownKeyWarning(name, source, registryKeys, 'CRI-O');
  if (!/^mirrors?$/i.test(name)) return warning;
  return {
    ...warning,
    message: 'CRI-O ignores the key mirrors; write a [[registry.mirror]] table for each mirror',
  };
}

/** Returns the first entry of each prefix; later entries with the same prefix have no effect. */
function firstOfEachPrefix(entries: readonly RegistryEntry[]): readonly RegistryEntry[] {
  const first = new Map(entries.toReversed().map((entry) => [entry.prefix, entry]));
  return [...first.values()].sort(byPrefix);
}

export function byPrefix(a: RegistryEntry, b: RegistryEntry): number {
  return a.prefix < b.prefix ? -1 : Number(a.prefix > b.prefix);
}

function invalid(message: string): DocumentError {
  return new DocumentError('INVALID', message);
}
