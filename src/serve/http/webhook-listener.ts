/**
 * TLS listener of the two webhooks, with its routes, limits, client authentication and drain. The handler
 * reads AdmissionReviews.
 */
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { TLSSocket } from 'node:tls';
import type { Webhook } from '../admission/observer.ts';
import type { CertificateSource } from '../certificates/source.ts';
import { type ClientAuthentication, isAccepted } from './client-certificates.ts';
import { Drain, type DrainTimes } from './drain.ts';
import { type BodyLimits, BodyReader, type RequestBody } from './limits/body-reader.ts';
import {
  type ConnectionLimits,
  type ConnectionRejection,
  limitConnections,
} from './limits/connection-limits.ts';
import { denyTooManyKeys, hasTooManyKeys, maxKeys } from './limits/review-keys.ts';
import { Turns } from './limits/turns.ts';
import { listen } from './listen.ts';
import type { ListenAddress } from './listen-address.ts';

/** Response of the handler: a status and a JSON document. */
export interface WebhookResponse {
  readonly status: number;
  readonly body: string | Buffer;
}

/**
 * Answers one request. `signal` aborts when the client leaves. The handler has its own time limit;
 * `patienceMs` is the client's timeout, and Infinity if the client does not send one.
 */
export type WebhookHandler = (
  webhook: Webhook,
  body: Buffer,
  signal: AbortSignal,
  patienceMs: number,
) => WebhookResponse | Promise<WebhookResponse>;

export interface WebhookListenerObserver {
  /** Called when a TLS handshake failed, usually because the client does not trust the certificate. */
  handshakeFailed(error: Error): void;
  /** Called when a handler threw, which is a programming error. */
  handlerFailed(webhook: Webhook, error: unknown): void;
  /** Called when a limit closed a connection. */
  connectionRejected(reason: ConnectionRejection): void;
  /** Called when a request was rejected before it reached the handler. */
  requestRejected(reason: RequestRejection): void;
}

/** Reason why a request did not reach the handler. */
export type RequestRejection =
  | Exclude<RequestBody, Buffer | 'aborted'>
  | 'too-many-keys'
  | 'client-certificate';

export interface WebhookListenerOptions {
  readonly address: ListenAddress;
  /** Certificate source, which has started already. */
  readonly certificates: CertificateSource;
  readonly handle: WebhookHandler;
  readonly observer: WebhookListenerObserver;
  readonly drain: DrainTimes;
  /** Client authentication; null if clients need no certificate. */
  readonly clients?: ClientAuthentication | null;
  readonly connectionLimits?: Partial<ConnectionLimits>;
  readonly bodyLimits?: Partial<BodyLimits>;
  /**
   * Time limit of a whole request in milliseconds, counted from its first byte or from the opening of a new
   * connection.
   */
  readonly requestTimeoutMs?: number;
}

/**
 * Limit of a body, 7 MiB: the API server accepts objects of up to 3 MiB, a review of an update contains
 * object and oldObject, and the rest (user, options, managed fields) has the last MiB. controller-runtime has
 * the same limit for the same reason.
 */
export const maxBodyBytes = 7 * 1024 * 1024;

const MiB = 1024 * 1024;
/**
 * Memory limits of bodies. An ordinary pod's review has a few KiB. The budget for large bodies allows nine of
 * the maximum size, and that of one peer four.
 */
const defaultBodyLimits: BodyLimits = {
  body: maxBodyBytes,
  small: 64 * 1024,
  smallBudget: 32 * MiB,
  largeBudget: 64 * MiB,
  peerBudget: 32 * MiB,
  timeMs: 3_000,
};

/**
 * Limits of connections. The API servers of a cluster need some dozens of connections, all from one peer
 * behind a proxy. An idle TLS connection takes about 40 KiB, so 2,000 take 80 MiB. Go's client may keep a new
 * connection in its pool before its first request, so an unused one is kept for 10 s.
 */
const defaultConnectionLimits: ConnectionLimits = {
  total: 2_000,
  perPeer: 500,
  unusedMs: 10_000,
  isAllowed: null,
};

/** Bodies above this size are parsed one per turn of the event loop. */
const largeBodyBytes = 256 * 1024;

const key = 'server.webhook.listen';
const tls = { minVersion: 'TLSv1.2' } as const;
const serverLimits = {
  maxHeaderSize: 16 * 1024,
  // Interval at which Node.js checks for late requests; its default is 30 s.
  connectionsCheckingInterval: 500,
  handshakeTimeout: 10_000,
  // The API server keeps idle connections for 90 s. It must close first, because a request could be on its
  // way when this server closes.
  keepAliveTimeout: 120_000,
} as const;
/** Time limit of a request; the API server never waits longer. */
const defaultRequestTimeoutMs = 30_000;

/**
 * Server of `POST /mutate` and `POST /validate` over HTTP/1.1, because the API server does not use HTTP/2 for
 * Services.
 */
export class WebhookListener {
  readonly #options: WebhookListenerOptions;
  readonly #bodies: BodyReader;
  readonly #turns = new Turns();
  #drain: Drain | null = null;

  constructor(options: WebhookListenerOptions) {
    this.#options = options;
    this.#bodies = new BodyReader({ ...defaultBodyLimits, ...options.bodyLimits });
  }

  /**
   * Resolves with the bound address.
   * @throws {ListenError}
   */
  async start(): Promise<ListenAddress> {
    const { certificates, address, observer, requestTimeoutMs = defaultRequestTimeoutMs } = this.#options;
    const { clients = null, connectionLimits = {} } = this.#options;
    const pair = certificates.current();
    const trust = clients ? { ca: clients.ca } : {};
    const server = createServer(
      {
        ...tls,
        ...serverLimits,
        ...trust,
        requestCert: clients !== null,
        rejectUnauthorized: clients !== null,
        headersTimeout: requestTimeoutMs,
        requestTimeout: requestTimeoutMs,
        cert: pair.cert,
        key: pair.key,
      },
      (request, response) => this.#serve(request, response),
    );
    limitConnections(server, { ...defaultConnectionLimits, ...connectionLimits }, (reason) =>
      observer.connectionRejected(reason),
    );
    server.on('tlsClientError', (error) => observer.handshakeFailed(error));
    // Open connections keep the certificate of their handshake.
    certificates.onChange(({ cert, key: privateKey }) =>
      server.setSecureContext({ ...tls, ...trust, cert, key: privateKey }),
    );
    this.#drain = new Drain(server, this.#options.drain);
    return listen(server, address, key);
  }

  /** Drains the listener. The caller must make readiness fail before. */
  async stop(): Promise<void> {
    await this.#drain?.run();
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const { url = '' } = request;
    const webhook = webhookOf(url);
    if (webhook === null) return fail(response, 404, 'not found; available: POST /mutate, POST /validate');
    if (request.method !== 'POST') {
      response.setHeader('allow', 'POST');
      return fail(response, 405, `/${webhook} requires POST`);
    }
    const { clients = null } = this.#options;
    if (clients && !isAccepted(request.socket as TLSSocket, clients)) {
      this.#options.observer.requestRejected('client-certificate');
      return rejectUnread(
        request,
        response,
        403,
        'the client certificate has none of the names in clientNames',
      );
    }
    this.#bodies.read(request, (body) => {
      if (Buffer.isBuffer(body)) this.#accept(webhook, body, response, patienceOf(url));
      else this.#rejectBody(body, request, response);
    });
  }

  #rejectBody(body: Exclude<RequestBody, Buffer>, request: IncomingMessage, response: ServerResponse): void {
    if (body === 'aborted') return;
    this.#options.observer.requestRejected(body);
    switch (body) {
      case 'too-large':
        return rejectUnread(request, response, 413, `the body is larger than ${maxBodyBytes} bytes`);
      case 'evicted':
        return rejectAndClose(request, response, 503, 'too many unfinished large bodies; try again');
      case 'late':
        return rejectAndClose(request, response, 408, 'the body was not complete in time');
      default:
        return body satisfies never;
    }
  }

  #accept(webhook: Webhook, body: Buffer, response: ServerResponse, patienceMs: number): void {
    if (body.length <= largeBodyBytes) this.#answer(webhook, body, response, patienceMs);
    else this.#turns.run(() => this.#answerLarge(webhook, body, response, patienceMs));
  }

  #answerLarge(webhook: Webhook, body: Buffer, response: ServerResponse, patienceMs: number): void {
    if (response.destroyed) return;
    if (!hasTooManyKeys(body)) return this.#answer(webhook, body, response, patienceMs);
    this.#options.observer.requestRejected('too-many-keys');
    const denial = denyTooManyKeys(body);
    if (denial === null) fail(response, 400, `the body has more than ${maxKeys} keys`);
    else send(response, 200, denial);
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

/**
 * Returns the webhook of a path; null for every other path. The API server appends a query such as
 * `?timeout=3s`.
 */
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

/**
 * Returns the API server's timeout for this call: that of the webhook configuration, or less if the API
 * server's own client has less time left. It is in whole seconds.
 */
function patienceOf(url: string): number {
  const seconds = /[?&]timeout=(\d{1,4})s(?:&|$)/.exec(url)?.[1];
  return seconds === undefined ? Number.POSITIVE_INFINITY : Number(seconds) * 1_000;
}

/**
 * Writes the answer before the body has been read, and ends it afterwards. If the connection were closed
 * while the client sends, it would be reset, and the reset would arrive before the answer.
 */
function rejectUnread(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  message: string,
): void {
  const body = JSON.stringify({ error: message });
  response.writeHead(status, headersOf(body)).write(body);
  if (request.complete) response.end();
  else request.once('end', () => response.end()).resume();
}

/** Answers a client that stopped sending, and closes its connection. */
function rejectAndClose(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  message: string,
): void {
  response.setHeader('connection', 'close');
  response.once('finish', () => request.destroy());
  fail(response, status, message);
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
