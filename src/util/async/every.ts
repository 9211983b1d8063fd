/** Periodic task whose runs never overlap. It does not keep the process alive. */
import { setTimeout as sleep } from 'node:timers/promises';

/** Runs `work` every `ms` until `signal` aborts. `work` must handle its own errors. */
export async function every(ms: number, signal: AbortSignal, work: () => Promise<void>): Promise<void> {
  const pause = () => sleep(ms, true, { signal, ref: false }).catch(() => false);
  while (await pause()) await work();
}
