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

/** Endpoints are forgotten within a second or two as a rule; all three together stay below the kubelet's 30 s. */
export const defaultDrainTimes: DrainTimes = { graceMs: 5_000, lingerMs: 2_000, deadlineMs: 15_000 };

/**
 * The drain of one server, made before its first request: it counts what is in flight.
 *
 * Node's own `close()` cuts idle connections at once, while a client that keeps its connection busy may have the next
 * request on the wire; and it waits for connections that never sent a request. Here the clients are asked to leave
 * first, and what is idle all through `linger` is cut.
 */
export class Drain {
  readonly #server: Server;
  readonly #times: DrainTimes;
  #inFlight = 0;
  #closing = false;
  #idle: (() => void) | null = null;

  constructor(server: Server, times: DrainTimes) {
    this.#server = server;
    this.#times = times;
    server.prependListener('request', (_, response) => {
      this.#inFlight += 1;
      if (this.#closing) response.setHeader('connection', 'close');
      response.once('close', () => {
        this.#inFlight -= 1;
        if (this.#inFlight === 0) this.#idle?.();
      });
    });
  }

  /** Resolves when the last connection is gone. */
  async run(): Promise<void> {
    await sleep(this.#times.graceMs);
    this.#closing = true;
    await sleep(this.#times.lingerMs);
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    await this.#finished();
    this.#server.closeAllConnections();
    await closed;
  }

  /** Nothing is in flight, or the deadline has passed. */
  async #finished(): Promise<void> {
    if (this.#inFlight === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const deadline = setTimeout(resolve, this.#times.deadlineMs);
    this.#idle = resolve;
    await promise;
    clearTimeout(deadline);
  }
}
