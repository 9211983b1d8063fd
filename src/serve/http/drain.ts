/** Takes a server out of service so that no request fails in a roll-out; ending the process is main's. */
import type { Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/** Milliseconds of each phase, in their order. */
export interface DrainTimes {
  /** Served as ever while the endpoints of the Service forget this replica. */
  readonly graceMs: number;
  /** Still accepting, but every response says `Connection: close`: busy clients move elsewhere by themselves. */
  readonly lingerMs: number;
  /** No new connections; what is in flight may finish. Then connections are cut. */
  readonly deadlineMs: number;
}

/** Twice what kube-proxy needs as a rule; below the 30 s of `terminationGracePeriodSeconds` by a margin. */
export const defaultDrainTimes: DrainTimes = { graceMs: 5_000, lingerMs: 2_000, deadlineMs: 15_000 };

/**
 * Resolves when the last connection is gone.
 *
 * Node's `close()` cuts idle connections at once, and a client that keeps its connection busy may have the next
 * request on the wire just then. So they are asked to leave first, and only those idle all through `linger` are cut.
 * @param closing called when responses have to say `Connection: close` from now on
 */
export async function drain(server: Server, times: DrainTimes, closing: () => void): Promise<void> {
  await sleep(times.graceMs);
  closing();
  await sleep(times.lingerMs);
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  const cut = setTimeout(() => server.closeAllConnections(), times.deadlineMs);
  await closed;
  clearTimeout(cut);
}
