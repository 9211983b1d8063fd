/** One HTTP exchange: redirects followed by hand, so that nothing secret crosses an origin. Knows nothing of authentication or manifests. */
import { clean } from '../../util/text/text.ts';
import { forbidLiteral } from './transport/addresses.ts';
import { discard } from './response/body.ts';
import { type Dispatchers, guardOf, type Route } from './transport/dispatchers.ts';
import { RegistryError } from './error.ts';
import { ended, failedBeforeRequest, transportFailure } from './failures.ts';
import { header, type Reply } from './response/reply.ts';

export type Headers = Readonly<Record<string, string | string[]>>;

export interface Outgoing {
  readonly method: 'GET' | 'HEAD' | 'POST';
  readonly url: URL;
  /** Sent wherever the request is redirected to. */
  readonly headers: Headers;
  /** Sent to the origin of `url` only, and no more once the request has left it: credentials, configured headers. */
  readonly privateHeaders: Headers;
  readonly body?: string;
}

/** Told of every HTTP request on the wire. */
export interface Counter {
  sent(): void;
  answered(status: number): void;
}

export type Exchange = (
  outgoing: Outgoing,
  route: Route,
  signal: AbortSignal,
  counter: Counter,
) => Promise<Reply>;

// Registries redirect once, to a blob store; some go through a CDN.
const maxRedirects = 5;
const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** Throws `RegistryError` for everything but an HTTP answer. A redirected POST is not followed: its answer is the redirect. */
export function createExchange(dispatchers: Dispatchers): Exchange {
  return async (outgoing, route, signal, counter) => {
    let { url } = outgoing;
    let foreign = false;
    for (let hops = 0; ; hops++) {
      const reply = await once({ ...outgoing, url }, foreign, route, dispatchers, signal, counter);
      if (!redirects.has(reply.status) || outgoing.method === 'POST') return reply;
      await discard(reply);
      if (hops === maxRedirects) throw refused(reply, `more than ${maxRedirects} redirects`);
      const next = target(reply, url);
      foreign ||= next.origin !== url.origin;
      url = next;
    }
  };
}

async function once(
  outgoing: Outgoing,
  foreign: boolean,
  route: Route,
  dispatchers: Dispatchers,
  signal: AbortSignal,
  counter: Counter,
): Promise<Reply> {
  const { method, url, body } = outgoing;
  const where = `${method} ${show(url)}`;
  if (signal.aborted) throw ended(signal, where);
  try {
    const guard = guardOf(url, route);
    if (guard !== 'open') forbidLiteral(url.hostname, guard === 'loopback');
    const request = dispatchers.for(url, route).request({
      origin: url.origin,
      path: url.pathname + url.search,
      method,
      headers: foreign ? outgoing.headers : { ...outgoing.headers, ...outgoing.privateHeaders },
      body: body ?? null,
      // undici would close the connection after every HEAD, and we begin with one.
      reset: false,
      signal,
    });
    const response = await until(signal, request);
    counter.sent();
    counter.answered(response.statusCode);
    // The stream's error is also reported to whoever reads it; a body that is destroyed unread must not throw.
    response.body.on('error', () => {});
    return { status: response.statusCode, headers: response.headers, body: response.body, where, foreign };
  } catch (error) {
    const failure = transportFailure(error, where, signal);
    if (!failedBeforeRequest(failure)) counter.sent();
    throw failure;
  }
}

/** undici hears of an abort only once there is a connection: a host that drops packets would cost its whole connect timeout. */
async function until<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const leave = (): void => reject(signal.reason as Error);
  signal.addEventListener('abort', leave, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', leave);
  }
}

function target(reply: Reply, from: URL): URL {
  const text = header(reply, 'location') ?? '';
  const url = text === '' ? null : URL.parse(text, from.href);
  if (text === '') throw refused(reply, `${reply.status} without a Location`, 'NoLocation');
  if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:'))
    throw refused(reply, `redirect to "${clean(text, 128)}", which is no http URL`);
  if (from.protocol === 'https:' && url.protocol === 'http:')
    throw refused(reply, `redirect from https to plain http (${show(url)})`, 'InsecureRedirect');
  return url;
}

function refused(reply: Reply, what: string, reason = 'Redirect'): RegistryError {
  return new RegistryError('malformed', `${reply.where}: ${what}`, { reason, status: reply.status });
}

/** A URL for messages: signed URLs carry secrets in their query, odd ones in their user part. */
export function show(url: URL): string {
  return clean(`${url.origin}${url.pathname}`, 512);
}
