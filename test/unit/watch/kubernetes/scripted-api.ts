/** Fake API server that answers by a script over TLS on loopback, with clients that are closed after each test. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from '@jest/globals';
import { KubernetesError } from '../../../../src/watch/kubernetes/api.ts';
import {
  type Connection,
  type ConnectOptions,
  connect,
} from '../../../../src/watch/kubernetes/client/client.ts';
import { authority } from '../../../kit/fakes/certificates.ts';

export const ca = await authority('Pratique test API CA');
const pair = await ca.leaf({ names: ['127.0.0.1', 'localhost'] });

export interface ReceivedRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** Parsed when it is JSON. */
  readonly body: unknown;
}

export interface ScriptedResponse {
  json(body: object, status?: number, headers?: Record<string, string>): void;
  /** Sends a line of a watch: an object, or text unchanged. */
  line(event: object | string): void;
  /** Sends bytes of a watch without a line feed. */
  bytes(text: string): void;
  end(): void;
  /** Destroys the connection. */
  cut(): void;
}

export type Script = (asked: ReceivedRequest, answer: ScriptedResponse, nth: number) => void | Promise<void>;

export interface ScriptedApi {
  readonly port: number;
  readonly asked: readonly ReceivedRequest[];
  readonly connections: number;
  /** Path of a kubeconfig for this server. */
  readonly kubeconfig: string;
  /** Open watches. */
  readonly open: readonly ScriptedResponse[];
  /** Resolves when `count` watches are open. */
  opened(count: number): Promise<void>;
  script(script: Script): void;
  /** Closes the server and all its connections. */
  close(): Promise<void>;
}

const closers: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** Calls `close` after the test. */
export function closing(close: () => Promise<unknown>): void {
  closers.push(close);
}

export async function scriptedApi(script: Script): Promise<ScriptedApi> {
  const asked: ReceivedRequest[] = [];
  const open: ScriptedResponse[] = [];
  const waiting = new Set<() => void>();
  const counted = (): void => waiting.forEach((look) => look());
  const sockets = new Set<Socket>();
  let connections = 0;
  let current = script;
  const serve = async (message: IncomingMessage, response: ServerResponse): Promise<void> => {
    const request = await read(message);
    asked.push(request);
    const answer = answering(message, response);
    if (request.query.has('watch')) {
      open.push(answer);
      response.on('close', () => {
        open.splice(open.indexOf(answer), 1);
        counted();
      });
      counted();
    }
    await current(request, answer, asked.length);
  };
  const server = createServer({ cert: pair.cert, key: pair.key }, (message, response) => {
    void serve(message, response);
  });
  server.on('connection', (socket: Socket) => {
    connections++;
    sockets.add(socket.on('error', () => {}).on('close', () => sockets.delete(socket)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const folder = await mkdtemp(join(tmpdir(), 'pratique-api-'));
  const kubeconfig = join(folder, 'kubeconfig');
  await writeFile(kubeconfig, kubeconfigFor(`https://127.0.0.1:${port}`));
  const close = async (): Promise<void> => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const socket of sockets) socket.destroy();
    await closed;
    await rm(folder, { recursive: true, force: true });
  };
  closing(close);
  return {
    port,
    asked,
    open,
    kubeconfig,
    get connections() {
      return connections;
    },
    opened: (count) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (open.length !== count) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
    script(next) {
      current = next;
    },
    close,
  };
}

export function kubeconfigFor(server: string, user: object = { token: 'admin-token' }): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'test',
    clusters: [
      {
        name: 'c',
        cluster: { server, 'certificate-authority-data': Buffer.from(ca.cert).toString('base64') },
      },
    ],
    users: [{ name: 'u', user }],
    contexts: [{ name: 'test', context: { cluster: 'c', user: 'u', namespace: 'shop' } }],
  });
}

export function client(
  server: { readonly kubeconfig: string },
  options: Partial<ConnectOptions> = {},
): Connection {
  const connection = connect({
    kubeconfig: server.kubeconfig,
    environment: {},
    userAgent: 'pratique/test',
    ...options,
  });
  closing(() => connection.close());
  return connection;
}

/** Returns the error of `work`; fails the test if there is none. */
export async function failureOf(work: Promise<unknown>): Promise<KubernetesError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof KubernetesError) return error;
    throw error;
  }
  throw new Error('expected a failure');
}

export function status(code: number, reason: string, message = `this is ${reason}`): object {
  return { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message };
}

function answering(message: IncomingMessage, response: ServerResponse): ScriptedResponse {
  response.on('error', () => {});
  const begin = (): void => {
    if (!response.headersSent) response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders();
  };
  return {
    json(body, code = 200, headers = {}) {
      response.writeHead(code, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
    },
    line(event) {
      begin();
      response.write(`${typeof event === 'string' ? event : JSON.stringify(event)}\n`);
    },
    bytes(text) {
      begin();
      response.write(text);
    },
    end() {
      begin();
      response.end();
    },
    cut() {
      message.socket.destroy();
    },
  };
}

async function read(message: IncomingMessage): Promise<ReceivedRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  const url = new URL(message.url ?? '', 'https://127.0.0.1');
  const body = Buffer.concat(chunks).toString();
  return {
    method: message.method ?? '',
    path: url.pathname,
    query: url.searchParams,
    headers: message.headers,
    body: body === '' ? undefined : (JSON.parse(body) as unknown),
  };
}
