/** Text of one registries.conf or drop-in → what it says. Older files of version 1 are understood as CRI-O does; merging files is `load.ts`'s. */
import { parse, TomlError } from 'smol-toml';
import { placed } from '../../files/config-file.ts';
import { InvalidSetting } from '../../invalid-setting.ts';
import { MirrorConfigError, type Position } from '../../mirror-config-error.ts';
import { checkConsistent, checkedEntry } from './check.ts';
import { type ConfLines, confLines } from './conf-lines.ts';
import type { RegistryEntry } from './entry.ts';
import {
  type Aliases,
  parseAliases,
  parseShortNameMode,
  type ShortNameMode,
  searchRegistry,
} from '../short-names.ts';
import { TomlTable } from './toml-table.ts';
import { hasVersion1, version1 } from './version-1.ts';

export interface ConfFile {
  readonly file: string;
  /** Sorted by prefix, one per prefix. */
  readonly entries: readonly RegistryEntry[];
  /** `unqualified-search-registries`; null where the file does not say. */
  readonly search: readonly string[] | null;
  readonly shortNameMode: ShortNameMode | null;
  readonly aliases: Aliases;
}

/** `dropIn`: has to be of version 2. Throws `MirrorConfigError`. */
export function parseConfFile(text: string, file: string, dropIn: boolean): ConfFile {
  const root = new TomlTable(parseToml(text, file), { file, line: null, column: null });
  return placed(root.at, () => {
    const old = hasVersion1(root);
    if (old && dropIn)
      throw new InvalidSetting('a drop-in has to be of version 2: write [[registry]] tables');
    if (old && hasVersion2(root))
      throw new InvalidSetting('versions 1 and 2 are mixed; write [[registry]] tables only');
    const { entries, search } = old ? version1(root) : version2(root, confLines(text));
    checkConsistent(entries);
    const mode = root.string('short-name-mode');
    return {
      file,
      entries: firstOfEachPrefix(entries),
      search: search && search.map(searchRegistry),
      shortNameMode: mode === '' ? null : parseShortNameMode(mode),
      aliases: parseAliases(root.stringMap('aliases') ?? new Map()),
    };
  });
}

function parseToml(text: string, file: string): object {
  try {
    return parse(text);
  } catch (cause) {
    if (!(cause instanceof TomlError)) throw cause;
    const at: Position = { file, line: cause.line, column: cause.column };
    const [why = ''] = cause.message.split('\n', 1);
    throw new MirrorConfigError('SYNTAX', at, why, { cause });
  }
}

function version2(
  root: TomlTable,
  lines: ConfLines,
): { readonly entries: readonly RegistryEntry[]; readonly search: readonly string[] | null } {
  const tables = root.tables('registry', (index) => lines.registry(index));
  const entries = tables.map((table, index) =>
    placed(table.at, () => checkedEntry(table, (mirror) => lines.mirror(index, mirror))),
  );
  return { entries, search: root.strings('unqualified-search-registries') };
}

function hasVersion2(root: TomlTable): boolean {
  const names = ['registry', 'unqualified-search-registries', 'credential-helpers', 'aliases'];
  return names.some((name) => root.has(name)) || root.string('short-name-mode') !== '';
}

/** Later entries with the same prefix do not exist. */
function firstOfEachPrefix(entries: readonly RegistryEntry[]): readonly RegistryEntry[] {
  const first = new Map(entries.toReversed().map((entry) => [entry.prefix, entry]));
  return [...first.values()].sort(byPrefix);
}

export function byPrefix(a: RegistryEntry, b: RegistryEntry): number {
  return a.prefix < b.prefix ? -1 : Number(a.prefix > b.prefix);
}
