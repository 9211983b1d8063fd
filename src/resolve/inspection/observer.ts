/** Callbacks of inspections, from which `observe` derives metrics and log lines. */
import type { Attempt, InspectionResult } from './inspection.ts';

export type CacheEvent = 'hit' | 'miss' | 'stale' | 'shared' | 'evicted';

export interface InspectionObserver {
  attempted(attempt: Attempt, registry: string): void;
  breaker(endpoint: string, open: boolean): void;
  cache(event: CacheEvent): void;
  inspected(result: InspectionResult): void;
}

export const silent: InspectionObserver = {
  attempted() {},
  breaker() {},
  cache() {},
  inspected() {},
};
