/** Watches the readiness checks and reports every change with its reason. */
import { every } from '../../util/async/every.ts';
import type { Readiness } from './readiness.ts';

export interface ReadinessObserver {
  /** `reason` is null if the check passes. Checks that pass from the start are not reported. */
  checkChanged(check: string, reason: string | null): void;
}

/** Checks once a second, as often as a kubelet at most, until `signal` aborts. */
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
