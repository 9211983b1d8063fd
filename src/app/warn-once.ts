/** Tells the warnings of a mirror list to whoever runs the server: each once, when an image first meets it. */
import { LRUCache } from 'lru-cache';
import type { MirrorList } from '../resolve/endpoints/endpoint.ts';
import type { Warning } from '../resolve/warning.ts';

// One place can be warned of for every repository; a log that repeats itself is not read.
const maxRemembered = 1_000;

/** The same list; `tell` hears of every kind of warning at every place once. */
export function warnOnce(list: MirrorList, tell: (warning: Warning) => void): MirrorList {
  const told = new LRUCache<string, true>({ max: maxRemembered });
  return {
    ...list,
    endpoints(reference) {
      const found = list.endpoints(reference);
      for (const warning of found.warnings) {
        const key = `${warning.code} ${warning.source ?? warning.message}`;
        if (!told.has(key)) tell(warning);
        told.set(key, true);
      }
      return found;
    },
  };
}
