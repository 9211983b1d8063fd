/** HTTP exchange that follows redirects itself, so that secrets never reach another origin. */
import { clean } from '../../util/text/text.ts';
import { forbidLiteral } from './transport/addresses.ts';
import { discard } from './response/body.ts';
import type { Dispatchers, Route } from './transport/dispatchers.ts';
import { RegistryError } from './error.ts';
import { ended, failedBeforeRequest, transportFailure } from './failures.ts';
import { header, type Reply } from './response/reply.ts';

export type Headers = Readonly<Record<string, string | string[]>>;

export interface Outgoing {
  readonly method: 'GET' | 'HEAD' | 'POST';
  readonly url: URL;
  /** Headers that every redirect target receives too. */
  readonly headers: Headers;
  /**
   * Headers for the origin of `url` only (credentials, configured headers). They are not sent again after a redirect to
   * another origin.
   */
  readonly privateHeaders: Headers;
  readonly body?: string;
}

/** Counter of HTTP requests on the wire. */
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

// 5: registries redirect once to a blob store, and some of those redirect again to a CDN.
const maxRedirects = 5;
const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** Creates the exchange. It throws `RegistryError` if there is no HTTP response, and does not follow redirects of a POST. */
export function createExchange(dispatchers: Dispatchers): Exchange {
  return async (outgoing, route, signal, counter) => {
    let { url } = outgoing;
    let foreign = false;
    for (let hops = 0; ; hops++) {
      const reply = await once({ ...outgoing, url }, foreign, route, dispatchers, signal, counter);
      if (!redirects.has(reply.status) || outgoing.method === 'POST') return reply;
      await discard(reply);
      if (hops === maxRedirects) throw badRedirect(reply, `more than ${maxRedirects} redirects`);
      const next = redirectTarget(reply, url);
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
    forbidLiteral(url.hostname, dispatchers.policy(url, route));
    const request = dispatchers.for(url, route).request({
      origin: url.origin,
      path: url.pathname + url.search,
      method,
      headers: foreign ? outgoing.headers : { ...outgoing.headers, ...outgoing.privateHeaders },
      body: body ?? null,
      // undici closes the connection after every HEAD by default, and most look-ups start with one.
      reset: false,
      signal,
    });
    const response = await until(signal, request);
    counter.sent();
    counter.answered(response.statusCode);
    // A reader of the stream receives its error too. A body that is destroyed unread must not throw.
    response.body.on('error', () => {});
    return { status: response.statusCode, headers: response.headers, body: response.body, where, foreign };
  } catch (error) {
    const failure = transportFailure(error, where, signal);
    if (!failedBeforeRequest(failure)) counter.sent();
    throw failure;
  }
}

/**
 * Rejects as soon as `signal` aborts. undici notices an abort only after connecting, so a host that drops packets would
 * otherwise block for the whole connect timeout.
 */
async function until<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(signal.reason as Error);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

function redirectTarget(reply: Reply, from: URL): URL {
  const text = header(reply, 'location') ?? '';
  const url = text === '' ? null : URL.parse(text, from.href);
  if (text === '') throw badRedirect(reply, `${reply.status} without a Location`, 'NoLocation');
  if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:'))
    throw badRedirect(reply, `redirect to "${clean(text, 128)}", which is not an http URL`);
  if (from.protocol === 'https:' && url.protocol === 'http:')
    throw badRedirect(reply, `redirect from https to plain http (${show(url)})`, 'InsecureRedirect');
  return url;
}

function badRedirect(reply: Reply, what: string, reason = 'Redirect'): RegistryError {
  return new RegistryError('malformed', `${reply.where}: ${what}`, { reason, status: reply.status });
}

/** Formats a URL for messages without query and user part, which may contain secrets. */
export function show(url: URL): string {
  return clean(`${url.origin}${url.pathname}`, 512);
}
