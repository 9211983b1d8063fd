/**
 * Limits of a server's open connections: by peer, in all, and in time without a request. A new connection
 * takes precedence over an idle one, so that idle connections of a flood cannot keep the API server out.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { peerOf } from './peer.ts';

export interface ConnectionLimits {
  readonly total: number;
  readonly perPeer: number;
  /** Time in milliseconds after which a connection without any request is closed. */
  readonly unusedMs: number;
  /** Returns true if a client with this address may connect; null if every client may. */
  readonly isAllowed: ((address: string) => boolean) | null;
}

/** Reason why a connection was closed. */
export type ConnectionRejection = 'not-allowed' | 'too-many' | 'unused';

interface Connection {
  readonly socket: Socket;
  readonly peer: string;
  readonly openedMs: number;
  requests: number;
  inFlight: number;
}

/** Enforces `limits` on `server` from now on. */
export function limitConnections(
  server: Server,
  limits: ConnectionLimits,
  rejected: (reason: ConnectionRejection) => void = () => undefined,
): void {
  const connections = new Connections(limits, rejected);
  server.on('connection', (socket: Socket) => connections.open(socket));
  server.prependListener('request', (request: IncomingMessage, response: ServerResponse) =>
    connections.serve(request.socket, response),
  );
  server.once('close', () => connections.close());
}

class Connections {
  readonly #limits: ConnectionLimits;
  readonly #rejected: (reason: ConnectionRejection) => void;
  /**
   * Open connections in the order of their opening. The key is address and port, which a TLS socket shares
   * with its underlying socket.
   */
  readonly #open = new Map<string, Connection>();
  readonly #byPeer = new Map<string, number>();
  readonly #sweep: NodeJS.Timeout;

  constructor(limits: ConnectionLimits, rejected: (reason: ConnectionRejection) => void) {
    this.#limits = limits;
    this.#rejected = rejected;
    this.#sweep = setInterval(() => this.#closeUnused(), Math.min(1_000, limits.unusedMs)).unref();
  }

  open(socket: Socket): void {
    const peer = peerOf(socket);
    const { isAllowed, perPeer, total } = this.#limits;
    if (isAllowed && peer !== '' && !isAllowed(peer)) return this.#reject(socket, 'not-allowed');
    if (peer !== '' && (this.#byPeer.get(peer) ?? 0) >= perPeer && !this.#closeIdle(peer)) {
      return this.#reject(socket, 'too-many');
    }
    if (this.#open.size >= total && !this.#closeIdle(this.#largestPeer())) {
      return this.#reject(socket, 'too-many');
    }
    this.#add(socket, peer);
  }

  serve(socket: Socket, response: ServerResponse): void {
    const connection = this.#open.get(keyOfSocket(socket));
    if (!connection) return;
    connection.requests += 1;
    connection.inFlight += 1;
    response.once('close', () => {
      connection.inFlight -= 1;
    });
  }

  close(): void {
    clearInterval(this.#sweep);
  }

  #add(socket: Socket, peer: string): void {
    const key = keyOfSocket(socket);
    this.#open.set(key, { socket, peer, openedMs: performance.now(), requests: 0, inFlight: 0 });
    this.#byPeer.set(peer, (this.#byPeer.get(peer) ?? 0) + 1);
    socket.once('close', () => this.#remove(key));
  }

  #remove(key: string): void {
    const connection = this.#open.get(key);
    if (!connection) return;
    this.#open.delete(key);
    const count = (this.#byPeer.get(connection.peer) ?? 1) - 1;
    if (count === 0) this.#byPeer.delete(connection.peer);
    else this.#byPeer.set(connection.peer, count);
  }

  /**
   * Closes the peer's oldest connection without a request in flight, unused ones first. Returns false if
   * there is none.
   */
  #closeIdle(peer: string): boolean {
    let oldest: [string, Connection] | null = null;
    for (const entry of this.#open) {
      const [, { peer: owner, inFlight, requests }] = entry;
      if (owner !== peer || inFlight > 0) continue;
      if (requests === 0) {
        oldest = entry;
        break;
      }
      oldest ??= entry;
    }
    if (!oldest) return false;
    const [key, { socket }] = oldest;
    this.#remove(key);
    this.#reject(socket, 'too-many');
    return true;
  }

  #closeUnused(): void {
    const latest = performance.now() - this.#limits.unusedMs;
    for (const [key, { socket, requests, openedMs }] of this.#open) {
      if (openedMs > latest) return;
      if (requests > 0) continue;
      this.#remove(key);
      this.#reject(socket, 'unused');
    }
  }

  #reject(socket: Socket, reason: ConnectionRejection): void {
    socket.destroy();
    this.#rejected(reason);
  }

  #largestPeer(): string {
    let largest = { peer: '', count: -1 };
    for (const [peer, count] of this.#byPeer) {
      if (count > largest.count) largest = { peer, count };
    }
    return largest.peer;
  }
}

function keyOfSocket({ remoteAddress = '', remotePort = 0 }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}
