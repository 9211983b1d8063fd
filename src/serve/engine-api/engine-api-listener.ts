/** The listener of the Engine API, on a unix socket or TCP: limits, connections and drain. What is answered, `engine-app.ts` knows. */
import { createServer, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { Drain, type DrainTimes } from '../http/drain.ts';
import { listen } from '../http/listen.ts';
import type { ListenAddress } from '../http/listen-address.ts';
import { listenUnix } from '../http/listen-unix.ts';
import { errorAnswer } from './http-answer.ts';
import { createEngineApp, type EngineAppOptions } from './engine-app.ts';

export interface EngineApiListenerOptions extends Omit<EngineAppOptions, 'socket'> {
  readonly address: ListenAddress;
  readonly drain: DrainTimes;
  /** Milliseconds in which a request must have come in, from its first byte, or on a new connection from its opening. */
  readonly requestTimeoutMs?: number;
}

const key = 'server.engineApi.listen';
/** Clients send an X-Registry-Auth of a few kB; identity tokens of cloud registries reach 10 kB. */
const maxHeaderSize = 64 * 1024;
const limits = {
  maxHeaderSize,
  // Node looks for late requests this often; its default is 30 s.
  connectionsCheckingInterval: 500,
  // Go's client keeps idle connections for 90 s: the client must be the one that closes first.
  keepAliveTimeout: 120_000,
} as const;
/** Go's client opens connections ahead of need, on which nothing is sent for a while. */
const latestRequestMs = 30_000;
/** Clients are programs of one machine; the bound is there against floods only. */
const maxConnections = 1_000;

/** Answers over HTTP/1.1, as dockerd's clients speak it. */
export class EngineApiListener {
  readonly #options: EngineApiListenerOptions;
  #drain: Drain | null = null;

  constructor(options: EngineApiListenerOptions) {
    this.#options = options;
  }

  /** Resolves with the address really bound. @throws {ListenError} */
  async start(): Promise<ListenAddress> {
    const { address, requestTimeoutMs = latestRequestMs, drain, ...app } = this.#options;
    const server = createServer(
      { ...limits, headersTimeout: requestTimeoutMs, requestTimeout: requestTimeoutMs },
      createEngineApp({ ...app, socket: address.kind }),
    );
    server.maxConnections = maxConnections;
    server.on('clientError', answerClientError);
    this.#drain = new Drain(server, drain);
    return bind(server, address);
  }

  /** No new requests; those under way may finish. The socket's file is removed. */
  async stop(): Promise<void> {
    await this.#drain?.run();
  }
}

function bind(server: Server, address: ListenAddress): Promise<ListenAddress> {
  return address.kind === 'unix' ? listenUnix(server, address, key) : listen(server, address, key);
}

/** What did not become a request is answered as every other error, and its connection is closed. */
function answerClientError(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const [status, reason, message] = clientProblem(error.code);
  const { body } = errorAnswer(status, message);
  socket.end(
    `HTTP/1.1 ${status} ${reason}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
    () => socket.destroy(),
  );
}

function clientProblem(code = ''): readonly [status: number, reason: string, message: string] {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return [431, 'Request Header Fields Too Large', `the headers have more than ${maxHeaderSize} bytes`];
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return [408, 'Request Timeout', 'the request did not arrive in time'];
    default:
      return [400, 'Bad Request', 'the request is not HTTP'];
  }
}
