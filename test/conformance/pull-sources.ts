/** How the vectors of registries.conf and of the mirror sets write down where an image is pulled from. */
import type { RegistryEntry } from '../../src/resolve/endpoints/crio/registries-conf/entry.ts';
import { findEntry } from '../../src/resolve/endpoints/crio/registries-conf/prefix.ts';
import { pullSources } from '../../src/resolve/endpoints/crio/registries-conf/pull-sources.ts';
import { canonical, nameOf } from '../../src/resolve/reference/format.ts';
import { parseReference } from '../../src/resolve/reference/parse.ts';

export function shownPullSources(entries: readonly RegistryEntry[], image: string): unknown {
  const reference = parseReference(image);
  const entry = findEntry(entries, nameOf(reference));
  if (entry === null) {
    const own = {
      location: nameOf(reference),
      reference: canonical(reference),
      insecure: false,
      blocked: false,
    };
    return { match: null, blocked: false, sources: [own] };
  }
  const sources = pullSources(entries, entry, reference)
    .filter(({ unsuited }) => unsuited === null)
    .map(({ at, reference, blockedBy }) => ({
      location: at.location,
      reference: canonical(reference),
      insecure: at.insecure,
      blocked: blockedBy !== null,
    }));
  return { match: entry.prefix, blocked: entry.blocked, sources };
}
