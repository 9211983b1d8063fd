/** Warnings about entries of registries.conf that do not do what they appear to do. */
import { nameOf } from '../../reference/format.ts';
import type { Reference } from '../../reference/reference.ts';
import type { Warning } from '../../warning.ts';
import { warn } from '../warn.ts';
import type { RegistryEntry } from './registries-conf/entry.ts';
import { matchPrefix } from './registries-conf/prefix.ts';
import type { RewriteFailed } from './registries-conf/pull-sources.ts';

/** Returns the warnings about the entry that applies to `reference`. */
export function entryWarnings(
  reference: Reference,
  entry: RegistryEntry,
  entries: readonly RegistryEntry[],
): readonly Warning[] {
  return [portCovered(reference, entry), tie(reference, entry, entries), conflict(entry, entries)].filter(
    (warning) => warning !== null,
  );
}

export function rewriteFailedWarning(error: RewriteFailed): Warning {
  const text = `location "${error.at.location}" makes ${error.message}, so the nodes cannot pull this image at all; correct the location`;
  return warn('RewriteInvalid', error.at.source, text);
}

function portCovered(reference: Reference, entry: RegistryEntry): Warning | null {
  const name = nameOf(reference);
  const covered = matchPrefix(name, entry.prefix);
  if (name.charAt(covered) !== ':') return null;
  const text = `prefix ${entry.prefix} also covers ${reference.domain}; write an entry with the port if that is not meant`;
  return warn('PortCovered', entry.source, text);
}

/**
 * Warns if another entry's prefix has the same length. CRI-O compares prefixes by length alone, so `*.example.com` can precede
 * `a.example.com`.
 */
function tie(reference: Reference, entry: RegistryEntry, entries: readonly RegistryEntry[]): Warning | null {
  const sameLength = entries.find(
    ({ prefix }) =>
      prefix !== entry.prefix &&
      prefix.length === entry.prefix.length &&
      matchPrefix(nameOf(reference), prefix) >= 0,
  );
  if (sameLength === undefined) return null;
  const text = `prefix ${entry.prefix} wins over ${sameLength.prefix}, which is as long; write a longer prefix, such as ${reference.domain}/…`;
  return warn('PrefixTie', entry.source, text);
}

/** Warns about contradicting entries. CRI-O rejects them within one file and does not compare drop-ins. */
function conflict(entry: RegistryEntry, entries: readonly RegistryEntry[]): Warning | null {
  const other = entries.find(
    (each) =>
      each.location !== '' &&
      each.location === entry.location &&
      (each.insecure !== entry.insecure || each.blocked !== entry.blocked),
  );
  if (other === undefined) return null;
  const text = `${entry.location} is also the location of prefix ${other.prefix}, with another "insecure" or "blocked"; make them agree`;
  return warn('EntriesDiffer', entry.source, text);
}
