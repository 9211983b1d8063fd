/** Waits for what can only be seen by looking again. Where there is an event to wait for, that is better. */
import { setTimeout as delay } from 'node:timers/promises';

const everyMs = 50;

/** @throws when it is not so within `patienceMs` */
export async function untilTrue(
  what: string,
  look: () => Promise<boolean>,
  patienceMs = 30_000,
): Promise<void> {
  for (const end = Date.now() + patienceMs; Date.now() < end; await delay(everyMs)) {
    if (await look()) return;
  }
  throw new Error(`not within ${patienceMs / 1000} s: ${what}`);
}
