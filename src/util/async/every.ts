/** Does something again and again, never twice at once. Keeps no process alive. */
import { setTimeout as sleep } from 'node:timers/promises';

/** Resolves after `signal` aborts. `work` handles its own errors. */
export async function every(ms: number, signal: AbortSignal, work: () => Promise<void>): Promise<void> {
  const pause = () => sleep(ms, true, { signal, ref: false }).catch(() => false);
  while (await pause()) await work();
}
