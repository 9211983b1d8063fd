/** Watch of the readiness checks, which reports every change with its reason. */
import { every } from '../../util/async/every.ts';
import type { Readiness } from './readiness.ts';

export interface ReadinessObserver {
  /**
   * Called when a check changes. `reason` is null if it passes. Checks that pass from the start are not
   * reported.
   */
  checkChanged(check: string, reason: string | null): void;
}

/** Checks once a second until `signal` aborts; a kubelet does not probe more often. */
export async function watchReadiness(
  readiness: Pick<Readiness, 'results'>,
  observer: ReadinessObserver,
  signal: AbortSignal,
  everyMs = 1_000,
): Promise<void> {
  const last = new Map<string, string | null>();
  const check = () => {
    for (const { name, problem } of readiness.results()) {
      if (problem === (last.get(name) ?? null)) continue;
      last.set(name, problem);
      observer.checkChanged(name, problem);
    }
  };
  check();
  await every(everyMs, signal, () => Promise.resolve(check()));
}
