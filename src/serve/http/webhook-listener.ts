/** The TLS listener of the two webhooks: limits, connections and drain. What an AdmissionReview is, the handler knows. */
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { Webhook } from '../admission/observer.ts';
import type { CertificateSource } from '../certificates/source.ts';
import { BodyReader } from './body.ts';
import { Drain, type DrainTimes } from './drain.ts';
import { listen } from './listen.ts';
import type { ListenAddress } from './listen-address.ts';

/** What the handler answers: a status and a JSON document. */
export interface WebhookResponse {
  readonly status: number;
  readonly body: string | Buffer;
}

/**
 * Answers one request; `signal` aborts when the client went away. The time limit is the handler's own: `patienceMs` is
 * what the client says that it waits, Infinity where it says nothing.
 */
export type WebhookHandler = (
  webhook: Webhook,
  body: Buffer,
  signal: AbortSignal,
  patienceMs: number,
) => WebhookResponse | Promise<WebhookResponse>;

/** What the listener tells to whoever counts. */
export interface WebhookListenerObserver {
  /** A connection that never came to a request: as a rule a client that does not trust the certificate. */
  handshakeFailed(error: Error): void;
  /** A handler threw: a programming error. */
  handlerFailed(webhook: Webhook, error: unknown): void;
}

export interface WebhookListenerOptions {
  readonly address: ListenAddress;
  /** Already started. */
  readonly certificates: CertificateSource;
  readonly handle: WebhookHandler;
  readonly observer: WebhookListenerObserver;
  readonly drain: DrainTimes;
  /** Milliseconds in which a request must have come in, from its first byte, or on a new connection from its opening. */
  readonly requestTimeoutMs?: number;
}

/**
 * 7 MiB: the API server takes objects of up to 3 MiB; a review of an update carries object and oldObject, and the rest
 * (user, options, managed fields told twice) has the last MiB. controller-runtime has the same limit by the same sum.
 */
export const maxBodyBytes = 7 * 1024 * 1024;

const key = 'server.webhook.listen';
/** Nine bodies of the full size; those of ordinary pods have some kB. */
const bodyBudgetBytes = 64 * 1024 * 1024;

const tls = { minVersion: 'TLSv1.2' } as const;
const limits = {
  maxHeaderSize: 16 * 1024,
  // Node looks for late requests this often; its default is 30 s.
  connectionsCheckingInterval: 500,
  handshakeTimeout: 10_000,
  // The API server keeps idle connections for 90 s: who closes first must not be us, or a request is lost in the crossing.
  keepAliveTimeout: 120_000,
} as const;
/**
 * The API server never waits longer. No less either: the limit also ends new connections on which nothing was sent
 * yet, and Go's client keeps such in its pool, where a request may cross the end of the connection.
 */
const latestAnswerMs = 30_000;
/** The API servers of a cluster need some dozens: the bound is there against floods only. */
const maxConnections = 10_000;

/** `POST /mutate` and `POST /validate` over HTTP/1.1: to Services the API server speaks no HTTP/2. */
export class WebhookListener {
  readonly #options: WebhookListenerOptions;
  readonly #bodies = new BodyReader({ body: maxBodyBytes, budget: bodyBudgetBytes });
  #drain: Drain | null = null;

  constructor(options: WebhookListenerOptions) {
    this.#options = options;
  }

  /** Resolves with the address really bound. @throws {ListenError} */
  async start(): Promise<ListenAddress> {
    const { certificates, address, observer, requestTimeoutMs = latestAnswerMs } = this.#options;
    const pair = certificates.current();
    const server = createServer(
      {
        ...tls,
        ...limits,
        headersTimeout: requestTimeoutMs,
        requestTimeout: requestTimeoutMs,
        cert: pair.cert,
        key: pair.key,
      },
      (request, response) => this.#serve(request, response),
    );
    server.maxConnections = maxConnections;
    server.on('tlsClientError', (error) => observer.handshakeFailed(error));
    // Connections that are open keep the certificate they began with.
    certificates.onChange(({ cert, key }) => server.setSecureContext({ ...tls, cert, key }));
    this.#drain = new Drain(server, this.#options.drain);
    return listen(server, address, key);
  }

  /** Drains; not-ready is told to the readiness checks by the caller, before. */
  async stop(): Promise<void> {
    await this.#drain?.run();
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const { url = '' } = request;
    const webhook = webhookOf(url);
    if (webhook === null) return fail(response, 404, 'there is POST /mutate and POST /validate');
    if (request.method !== 'POST') {
      response.setHeader('allow', 'POST');
      return fail(response, 405, `/${webhook} takes POST`);
    }
    this.#bodies.read(request, (body) => {
      if (body === 'aborted') return;
      if (body === 'too-large') return refuse(request, response, 413, `the limit is ${maxBodyBytes} bytes`);
      if (body === 'too-much') return refuse(request, response, 503, 'too many large bodies at once');
      this.#answer(webhook, body, response, patienceOf(url));
    });
  }

  #answer(webhook: Webhook, body: Buffer, response: ServerResponse, patienceMs: number): void {
    const abort = new AbortController();
    response.on('close', () => {
      if (!response.writableFinished) abort.abort();
    });
    const failed = (error: unknown) => {
      this.#options.observer.handlerFailed(webhook, error);
      fail(response, 500, 'internal error');
    };
    try {
      const answer = this.#options.handle(webhook, body, abort.signal, patienceMs);
      if (!(answer instanceof Promise)) return send(response, answer.status, answer.body);
      answer.then(({ status, body: text }) => send(response, status, text)).catch(failed);
    } catch (error) {
      failed(error);
    }
  }
}

/** Everything else is a 404; a query is the API server's `?timeout=3s`. */
function webhookOf(url: string): Webhook | null {
  const query = url.indexOf('?');
  switch (query === -1 ? url : url.slice(0, query)) {
    case '/mutate':
      return 'mutate';
    case '/validate':
      return 'validate';
    default:
      return null;
  }
}

/** The API server's own time for this call, in whole seconds: what the configuration says, or less where its client is in a hurry. */
function patienceOf(url: string): number {
  const seconds = /[?&]timeout=(\d{1,4})s(?:&|$)/.exec(url)?.[1];
  return seconds === undefined ? Number.POSITIVE_INFINITY : Number(seconds) * 1_000;
}

/**
 * The answer goes out before the body is in, and its end after: where the connection is to be closed, closing it under a
 * client that still sends would reset it, and the reset would overtake the answer.
 */
function refuse(request: IncomingMessage, response: ServerResponse, status: number, message: string): void {
  const body = JSON.stringify({ error: message });
  response.writeHead(status, headersOf(body)).write(body);
  if (request.complete) response.end();
  else request.once('end', () => response.end());
}

function fail(response: ServerResponse, status: number, message: string): void {
  send(response, status, JSON.stringify({ error: message }));
}

function send(response: ServerResponse, status: number, body: string | Buffer): void {
  if (response.destroyed) return;
  response.writeHead(status, headersOf(body)).end(body);
}

function headersOf(body: string | Buffer): OutgoingHttpHeaders {
  return { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
}
