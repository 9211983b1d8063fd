/** Drain of a server, which takes it out of service so that no request fails in a rollout. */
import type { Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/** Duration of each phase in milliseconds, in order. */
export interface DrainTimes {
  /** Phase in which requests are served as before, while the Service's endpoints drop this replica. */
  readonly graceMs: number;
  /**
   * Phase in which connections are accepted, but every response has `Connection: close`, so that busy clients
   * move to other replicas.
   */
  readonly lingerMs: number;
  /**
   * Phase without new connections, in which requests in flight may finish. After it all connections are
   * closed.
   */
  readonly deadlineMs: number;
}

/**
 * Default times: endpoints are usually dropped within two seconds, and the sum stays below the kubelet's 30
 * s.
 */
export const defaultDrainTimes: DrainTimes = { graceMs: 5_000, lingerMs: 2_000, deadlineMs: 15_000 };

/**
 * The drain of one server, created before its first request, because it counts requests in flight.
 *
 * Node's own `close()` closes idle connections at once, while the client's next request may be on the wire, and it waits
 * for connections that never sent a request. Here clients are asked to leave first, and connections that are idle through
 * the whole `linger` phase are closed.
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

  /** Runs all phases. Resolves when the last connection is closed. */
  async run(): Promise<void> {
    await sleep(this.#times.graceMs);
    this.#closing = true;
    await sleep(this.#times.lingerMs);
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    await this.#finished();
    this.#server.closeAllConnections();
    await closed;
  }

  /** Resolves when no request is in flight, or at the deadline. */
  async #finished(): Promise<void> {
    if (this.#inFlight === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const deadline = setTimeout(resolve, this.#times.deadlineMs);
    this.#idle = resolve;
    await promise;
    clearTimeout(deadline);
  }
}
