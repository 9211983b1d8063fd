/** A tiny HTTP(S) server on a real loopback socket that answers as a script says and records what it was asked. Knows nothing of registries. */
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { TlsOptions } from 'node:tls';
import { setTimeout as sleep } from 'node:timers/promises';

/** One request as it arrived. */
export interface Recorded {
  readonly method: string;
  /** Path and query as sent. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** Name sent by SNI, null in plain text. */
  readonly servername: string | null;
}

/**
 * `silence` never answers; `reset` drops the connection with RST; `cut` declares the whole length, sends half of the
 * body and drops the connection; `endless` sends the body again and again without an end; `drip` sends the head and then one
 * byte of a long body every 50 ms.
 */
export type Fault = 'silence' | 'reset' | 'cut' | 'endless' | 'drip';

export interface Answer {
  /** 200 when absent. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  /** Objects are sent as JSON. No body is sent in answer to HEAD, but its length is told. */
  readonly body?: string | Uint8Array | object;
  /** Milliseconds before anything is sent. */
  readonly delayMs?: number;
  readonly fault?: Fault;
  /** Declares the whole length, sends so many bytes of the body and drops the connection. */
  readonly cutAfter?: number;
}

export type Handler = (request: Recorded) => Answer | Promise<Answer>;

export interface ScriptedRegistry extends AsyncDisposable {
  /** `http://127.0.0.1:41234` or `https://…`. */
  readonly origin: string;
  /** `127.0.0.1:41234`. */
  readonly host: string;
  readonly port: number;
  /** All requests in the order of their arrival. */
  readonly requests: readonly Recorded[];
  /** Connections accepted so far, TLS handshakes that failed included. */
  readonly connections: number;
  /** Replaces the script. */
  handle(handler: Handler): void;
  close(): Promise<void>;
}

/** TLS options of `node:tls`. */
export type ServerTls = Pick<TlsOptions, 'cert' | 'key' | 'ca' | 'requestCert' | 'rejectUnauthorized'>;

export interface ScriptedRegistryOptions {
  /** PEM texts; with it the server speaks TLS. */
  readonly tls?: ServerTls;
  readonly port?: number;
}

/** Starts a server on 127.0.0.1. A handler that throws answers 500 with the text of the error. */
export async function scriptedRegistry(
  handler: Handler,
  options: ScriptedRegistryOptions = {},
): Promise<ScriptedRegistry> {
  const requests: Recorded[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  let script = handler;
  const listener = (message: IncomingMessage, response: ServerResponse): void => {
    serve(message, response, (recorded) => {
      requests.push(recorded);
      return script(recorded);
    }).catch((error: unknown) => response.writeHead(500).end(String(error)));
  };
  const server = options.tls ? createTlsServer(options.tls, listener) : createServer(listener);
  server.on('connection', (socket: Socket) => {
    connections++;
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  return {
    origin: `${options.tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    host: `127.0.0.1:${port}`,
    port,
    requests,
    get connections() {
      return connections;
    },
    handle(next) {
      script = next;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function serve(message: IncomingMessage, response: ServerResponse, script: Handler): Promise<void> {
  response.on('error', () => {});
  const answer = await script(await record(message));
  if (answer.delayMs !== undefined) await sleep(answer.delayMs);
  await send(message, response, answer);
}

async function record(message: IncomingMessage): Promise<Recorded> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  const { servername } = message.socket as Socket & { servername?: string | false };
  return {
    method: message.method ?? '',
    url: message.url ?? '',
    headers: message.headers,
    body: Buffer.concat(chunks).toString(),
    servername: typeof servername === 'string' ? servername : null,
  };
}

async function send(message: IncomingMessage, response: ServerResponse, answer: Answer): Promise<void> {
  if (answer.fault === 'silence') return;
  if (answer.fault === 'reset') {
    message.socket.resetAndDestroy();
    return;
  }
  const body = bytes(answer.body);
  for (const [name, value] of Object.entries(answer.headers ?? {})) response.setHeader(name, value);
  response.statusCode = answer.status ?? 200;
  if (answer.fault === 'endless') return sendForEver(response, body);
  if (answer.fault === 'drip') return drip(response);
  if (!response.hasHeader('content-length') && !response.hasHeader('transfer-encoding'))
    response.setHeader('content-length', body.byteLength);
  const sent = answer.fault === 'cut' ? body.byteLength / 2 : answer.cutAfter;
  if (sent !== undefined && message.method !== 'HEAD') {
    response.flushHeaders();
    // An empty chunk would not be written at all.
    if (sent < 1) message.socket.end();
    else response.write(body.subarray(0, sent), () => message.socket.destroySoon());
    return;
  }
  response.end(message.method === 'HEAD' ? undefined : body);
}

function bytes(body: Answer['body']): Uint8Array {
  if (body instanceof Uint8Array) return body;
  if (typeof body === 'object') return Buffer.from(JSON.stringify(body));
  return Buffer.from(body ?? '');
}

async function drip(response: ServerResponse): Promise<void> {
  response.setHeader('content-length', 50_000);
  while (!response.destroyed) {
    response.write(' ');
    await sleep(50);
  }
}

async function sendForEver(response: ServerResponse, body: Uint8Array): Promise<void> {
  const chunk = body.byteLength > 0 ? body : Buffer.alloc(65536, ' ');
  const closed = new Promise<void>((resolve) => response.once('close', () => resolve()));
  while (!response.destroyed) {
    if (response.write(chunk)) await sleep(0);
    else
      await Promise.race([closed, new Promise<void>((resolve) => response.once('drain', () => resolve()))]);
  }
}
