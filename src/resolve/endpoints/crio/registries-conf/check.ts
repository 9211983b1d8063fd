/** What a `[[registry]]` table has to fulfil (sysregistriesv2 `postProcessRegistries`). Throws `InvalidSetting`. */
import { placed } from '../../files/config-file.ts';
import { InvalidSetting } from '../../invalid-setting.ts';
import { type MirrorEntry, type PullFromMirror, type RegistryEntry, trimLocation } from './entry.ts';
import type { TomlTable } from './toml-table.ts';

/** `mirrorLine` tells where the mirror with that index begins. */
export function checkedEntry(table: TomlTable, mirrorLine: (index: number) => number | null): RegistryEntry {
  const location = parseLocation(table.string('location'));
  const prefix = parseLocation(table.string('prefix')) || location;
  checkPrefix(table.string('prefix'), prefix, location);
  if (table.string('pull-from-mirror') !== '') {
    throw new InvalidSetting(`"pull-from-mirror" of ${prefix} belongs into its [[registry.mirror]] tables`);
  }
  const mirrorByDigestOnly = table.boolean('mirror-by-digest-only');
  const mirrors = table
    .tables('mirror', mirrorLine)
    .map((mirror) => placed(mirror.at, () => checkedMirror(mirror)));
  const restricted = mirrors.find(({ pullFromMirror }) => pullFromMirror !== null);
  if (mirrorByDigestOnly && restricted) {
    throw new InvalidSetting(
      `${prefix} has "mirror-by-digest-only" and its mirror ${restricted.location} "pull-from-mirror"; remove one`,
    );
  }
  const blocked = table.boolean('blocked');
  return { prefix, location, ...common(table), blocked, mirrorByDigestOnly, mirrors };
}

/** The location without trailing slashes; it must not be a URL. */
export function parseLocation(text: string): string {
  if (/^https?:\/\//.test(trimLocation(text))) {
    throw new InvalidSetting(`location "${text}" must not begin with http:// or https://; write the host`);
  }
  return trimLocation(text);
}

/** Entries that lead to the same location have to agree about it, however they are reached. */
export function checkConsistent(entries: readonly RegistryEntry[]): void {
  for (const entry of entries) {
    const other = entries.find((each) => place(each) === place(entry));
    if (other === undefined) continue;
    for (const setting of ['insecure', 'blocked'] as const) {
      if (other[setting] === entry[setting]) continue;
      throw new InvalidSetting(
        `${place(entry)} is written several times with different "${setting}" (lines ${other.source.line} and ${entry.source.line})`,
      );
    }
  }
}

function place(entry: RegistryEntry): string {
  return entry.location || entry.prefix;
}

function checkPrefix(written: string, prefix: string, location: string): void {
  const isWildcard = prefix.startsWith('*.');
  if (written === '' && location === '') throw new InvalidSetting('neither "prefix" nor "location" is set');
  if (!isWildcard && location === '') {
    throw new InvalidSetting(`prefix "${prefix}" needs a "location"; only *.example.com does without`);
  }
  if (isWildcard && /[/@:]/.test(prefix)) {
    throw new InvalidSetting(
      `prefix "${prefix}": nothing may follow the host of a wildcard such as *.example.com`,
    );
  }
}

function checkedMirror(table: TomlTable): MirrorEntry {
  const location = parseLocation(table.string('location'));
  if (location === '') throw new InvalidSetting('the mirror has no "location"');
  return {
    location,
    ...common(table),
    pullFromMirror: parsePullFromMirror(table.string('pull-from-mirror')),
  };
}

function parsePullFromMirror(text: string): PullFromMirror | null {
  if (text === '') return null;
  if (text === 'all' || text === 'digest-only' || text === 'tag-only') return text;
  throw new InvalidSetting(`"pull-from-mirror" is "${text}"; write all, digest-only or tag-only`);
}

function common(table: TomlTable): Pick<MirrorEntry, 'insecure' | 'source'> {
  return { insecure: table.boolean('insecure'), source: { file: table.at.file, line: table.at.line } };
}
