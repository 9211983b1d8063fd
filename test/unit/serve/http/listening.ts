/** A webhook listener on a free port for tests, and clients that talk to it over real sockets. */
import { once } from 'node:events';
import { Agent, type RequestOptions, request } from 'node:https';
import { connect, type TLSSocket } from 'node:tls';
import { SelfSignedSource } from '../../../../src/serve/certificates/self-signed-source.ts';
import type { CertificateSource } from '../../../../src/serve/certificates/source.ts';
import {
  WebhookListener,
  type WebhookListenerObserver,
  type WebhookListenerOptions,
} from '../../../../src/serve/http/webhook-listener.ts';
import { responseOf, type WholeResponse } from '../../../kit/pratique/response-of.ts';

export const quick = { graceMs: 0, lingerMs: 0, deadlineMs: 200 };
export const silentObserver: WebhookListenerObserver = {
  handshakeFailed() {},
  handlerFailed() {},
  connectionRejected() {},
  requestRejected() {},
};

export interface Listening {
  readonly listener: WebhookListener;
  readonly port: number;
  readonly ca: string;
}

export async function selfSigned(
  signal: AbortSignal = new AbortController().signal,
): Promise<SelfSignedSource> {
  const source = new SelfSignedSource({
    names: ['localhost', '127.0.0.1'],
    observer: { certificateLoaded() {}, certificateRejected() {} },
  });
  await source.start(signal);
  return source;
}

/** Starts a listener that answers `ok` unless `options` say otherwise. */
export async function listening(
  options: Partial<WebhookListenerOptions> & { readonly certificates?: CertificateSource } = {},
): Promise<Listening> {
  const certificates = options.certificates ?? (await selfSigned());
  const listener = new WebhookListener({
    address: { kind: 'tcp', host: '127.0.0.1', port: 0 },
    handle: async () => ({ status: 200, body: '{"ok":true}' }),
    observer: silentObserver,
    drain: quick,
    ...options,
    certificates,
  });
  const bound = await listener.start();
  if (bound.kind !== 'tcp') throw new Error('bound to no TCP port');
  return { listener, port: bound.port, ca: certificates.current().ca ?? '' };
}

/** One request; `body` as a list is sent chunked. */
export async function send(
  to: { readonly port: number; readonly ca: string },
  path: string,
  body: Buffer | readonly Buffer[] | null,
  options: RequestOptions = {},
): Promise<WholeResponse> {
  const { port, ca } = to;
  const outgoing = request({ host: '127.0.0.1', port, ca, path, method: 'POST', agent: false, ...options });
  if (Array.isArray(body)) for (const chunk of body as readonly Buffer[]) outgoing.write(chunk);
  outgoing.end(Buffer.isBuffer(body) ? body : undefined);
  return responseOf(outgoing);
}

export function keepAlive(sockets: number): Agent {
  return new Agent({ keepAlive: true, maxSockets: sockets });
}

/** A TLS connection for bytes that no HTTP client would send. */
export async function rawSocket(to: { readonly port: number; readonly ca: string }): Promise<TLSSocket> {
  const socket = connect({ host: '127.0.0.1', port: to.port, ca: to.ca });
  socket.on('error', () => undefined);
  await once(socket, 'secureConnect');
  return socket;
}

/** Everything the server says until it closes the connection. */
export async function untilClosed(socket: TLSSocket): Promise<string> {
  let text = '';
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  // Not `once` of node:events: it rejects for an EPIPE, which a client that goes on sending gets in the end.
  await new Promise((resolve) => socket.on('close', resolve));
  return text;
}
