/**
 * Reader and checks of `[[registry]]` tables (sysregistriesv2 `postProcessRegistries`). All functions throw `DocumentError`.
 */
import { DocumentError } from '../../../../document/document-error.ts';
import type { DocumentValue } from '../../../../document/document-value.ts';
import { type MirrorEntry, type PullFromMirror, type RegistryEntry, trimLocation } from './entry.ts';

/** Reads one `[[registry]]` table. */
export function readEntry(table: DocumentValue): RegistryEntry {
  return table.check(() => checkedEntry(table));
}

function checkedEntry(table: DocumentValue): RegistryEntry {
  const location = parseLocation(table.get('location').string());
  const writtenPrefix = table.get('prefix').string();
  const prefix = parseLocation(writtenPrefix) || location;
  checkPrefix(writtenPrefix, prefix, location);
  if (table.get('pull-from-mirror').string() !== '') {
    throw invalid(`"pull-from-mirror" of ${prefix} belongs in its [[registry.mirror]] tables`);
  }
  const mirrorByDigestOnly = table.get('mirror-by-digest-only').boolean();
  const mirrors = tablesOf(table.get('mirror'), '[[registry.mirror]]').map((mirror) =>
    mirror.check(() => checkedMirror(mirror)),
  );
  const restricted = mirrors.find(({ pullFromMirror }) => pullFromMirror !== null);
  if (mirrorByDigestOnly && restricted) {
    throw invalid(
      `${prefix} has "mirror-by-digest-only" and its mirror ${restricted.location} "pull-from-mirror"; remove one`,
    );
  }
  const blocked = table.get('blocked').boolean();
  return { prefix, location, ...common(table), blocked, mirrorByDigestOnly, mirrors };
}

/** Returns the tables of a list. `written` is the correct syntax, which the error message shows. */
export function tablesOf(list: DocumentValue, written: string): readonly DocumentValue[] {
  if (!list.isNull && !list.isList) throw list.invalid(`must be tables, written ${written}`);
  return list.items().map((table) => {
    if (!table.isObject) throw list.invalid(`must be tables, written ${written}`);
    return table;
  });
}

/** Returns the location without trailing slashes. Throws if it is a URL. */
export function parseLocation(text: string): string {
  if (/^https?:\/\//.test(trimLocation(text))) {
    throw invalid(`location "${text}" must not begin with http:// or https://; write the host`);
  }
  return trimLocation(text);
}

/** Checks that entries with the same location have the same settings for it. */
export function checkConsistent(entries: readonly RegistryEntry[]): void {
  for (const entry of entries) {
    const other = entries.find((each) => locationOf(each) === locationOf(entry));
    if (other === undefined) continue;
    for (const setting of ['insecure', 'blocked'] as const) {
      if (other[setting] === entry[setting]) continue;
      throw invalid(
        `${locationOf(entry)} is written several times with different "${setting}" (lines ${other.source.line} and ${entry.source.line})`,
      );
    }
  }
}

function locationOf(entry: RegistryEntry): string {
  return entry.location || entry.prefix;
}

function checkPrefix(written: string, prefix: string, location: string): void {
  const isWildcard = prefix.startsWith('*.');
  if (written === '' && location === '') throw invalid('neither "prefix" nor "location" is set');
  if (!isWildcard && location === '') {
    throw invalid(`prefix "${prefix}" needs a "location"; only *.example.com does without`);
  }
  if (isWildcard && /[/@:]/.test(prefix)) {
    throw invalid(`prefix "${prefix}": nothing may follow the host of a wildcard such as *.example.com`);
  }
}

function checkedMirror(table: DocumentValue): MirrorEntry {
  const location = parseLocation(table.get('location').string());
  if (location === '') throw invalid('the mirror has no "location"');
  return {
    location,
    ...common(table),
    pullFromMirror: parsePullFromMirror(table.get('pull-from-mirror').string()),
  };
}

function parsePullFromMirror(text: string): PullFromMirror | null {
  if (text === '') return null;
  if (text === 'all' || text === 'digest-only' || text === 'tag-only') return text;
  throw invalid(`"pull-from-mirror" is "${text}"; write all, digest-only or tag-only`);
}

function common(table: DocumentValue): Pick<MirrorEntry, 'insecure' | 'source'> {
  return { insecure: table.get('insecure').boolean(), source: table.source };
}

function invalid(message: string): DocumentError {
  return new DocumentError('INVALID', message);
}
