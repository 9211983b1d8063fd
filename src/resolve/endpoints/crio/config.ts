/** registries.conf with its drop-ins merged: what CRI-O goes by. */

import { byPrefix, type ConfFile } from './registries-conf/conf-file.ts';
import type { RegistryEntry } from './registries-conf/entry.ts';
import type { ShortNames } from './short-names.ts';

export interface RegistriesConfig {
  /** Sorted by prefix, one per prefix. */
  readonly entries: readonly RegistryEntry[];
  /** null where no file has a search list. */
  readonly search: readonly string[] | null;
  readonly shortNames: ShortNames;
}

/** Later files replace whole entries of the same prefix, the whole search list, and single aliases. */
export function mergeConfFiles(files: readonly ConfFile[]): RegistriesConfig {
  const entries = new Map(files.flatMap((file) => file.entries).map((entry) => [entry.prefix, entry]));
  const search = files.findLast((file) => file.search !== null)?.search ?? null;
  return {
    entries: [...entries.values()].sort(byPrefix),
    search,
    shortNames: {
      mode: files.findLast((file) => file.shortNameMode !== null)?.shortNameMode ?? 'permissive',
      search: search ?? [],
      aliases: new Map(files.flatMap((file) => [...file.aliases])),
    },
  };
}
