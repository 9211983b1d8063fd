/** Reports the warnings of a mirror list to the server's operator: each once, when an image first causes it. */
import { LRUCache } from 'lru-cache';
import type { MirrorList } from '../../resolve/endpoints/endpoint.ts';
import type { Warning } from '../../resolve/warning.ts';

// One line of a file can cause a warning for every repository, so memory is bounded.
const maxReportedWarnings = 1_000;

/** Returns the same list, which calls `report` once for each code at each source. */
export function warnOnce(list: MirrorList, report: (warning: Warning) => void): MirrorList {
  const reported = new LRUCache<string, true>({ max: maxReportedWarnings });
  return {
    ...list,
    endpoints(reference) {
      const found = list.endpoints(reference);
      for (const warning of found.warnings) {
        const key = `${warning.code} ${warning.source ?? warning.message}`;
        if (!reported.has(key)) report(warning);
        reported.set(key, true);
      }
      return found;
    },
  };
}
