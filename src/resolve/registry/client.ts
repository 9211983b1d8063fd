/**
 * Registry client: requests manifests and blobs and verifies the responses. A success has a 2xx status, a length within the
 * limit, and a body that matches its digest.
 */
import { type Endpoint, plainTls } from '../endpoints/endpoint.ts';
import { acceptManifests, bareMediaType } from '../manifest/media-types.ts';
import { digestedBytes } from '../manifest/signed.ts';
import { type Digest, digestOf, isDigest, matchesDigest } from '../reference/digest.ts';
import { Authorizer, requestCounter, secretsOrigin } from './auth/authorizer.ts';
import { SentSecrets } from './auth/sent-secrets.ts';
import { contentAnswer, contentHeaders, forbidDowngrade } from './content.ts';
import { discard, readBody } from './response/body.ts';
import { type ConnectionOptions, Dispatchers, type Route } from './transport/dispatchers.ts';
import { RegistryError } from './error.ts';
import { PlainFallback } from './transport/plain-fallback.ts';
import { noProxies } from './transport/proxies.ts';
import { registryWarnings } from './response/registry-warnings.ts';
import { type RateLimit, rateLimitOf } from './response/rate-limit.ts';
import type { AttemptContext, Registry, RequestTally, Target } from './registry.ts';
import { contentLength, header, type Reply } from './response/reply.ts';
import { createExchange, type Headers, type Outgoing } from './request.ts';
import { statusFailure } from './response/status.ts';

export interface RegistryOptions extends ConnectionOptions {
  readonly maxManifestBytes: number;
  readonly userAgent: string;
  /** Called with the rate limit that a registry declares in its responses. */
  readonly onRateLimit?: (endpoint: Endpoint, limit: RateLimit) => void;
}

export const defaultRegistryOptions: RegistryOptions = {
  hosts: new Map(),
  proxy: noProxies,
  caPem: [],
  loopback: 'contact',
  deniedAddresses: [],
  maxManifestBytes: 4 * 1024 * 1024,
  userAgent: 'pratique',
};

// 2: chunked encoding may lengthen a body on the wire, but real servers stay far below this factor.
const framing = 2;
// 1 MiB: Node's limit for one response head is 16 KiB, which leaves room for interim responses and an error page.
const maxHeadBytes = 1024 * 1024;

/** Creates a client, which connects on demand. */
export function createRegistry(options: RegistryOptions = defaultRegistryOptions): Registry {
  const fallback = new PlainFallback();
  const dispatchers = new Dispatchers({
    ...options,
    maxAnswerBytes: framing * options.maxManifestBytes + maxHeadBytes,
    onTls: (host) => fallback.spoke(host),
  });
  const secrets = new SentSecrets();
  const exchange = createExchange(dispatchers);
  const authorizer = new Authorizer(exchange, options.userAgent, secrets);

  const request = (
    endpoint: Endpoint,
    path: string,
    { method, headers, streamed }: Wanted,
    context: AttemptContext,
  ) =>
    fallback.run(endpoint, async (endpoint) => {
      context.tally.isPlainHttp = endpoint.url.startsWith('http:');
      const outgoing = compose(method, endpoint, path, { ...headers, 'user-agent': options.userAgent });
      const route = { ...dispatchers.route(endpoint), streamed };
      const reply = await authorizer.send({ endpoint, route, outgoing, context });
      const limit = rateLimitOf(reply);
      if (limit) options.onRateLimit?.(endpoint, limit);
      noteWarnings(reply, context.tally);
      return await successful(reply);
    });
  const send = (
    method: 'GET' | 'HEAD',
    endpoint: Endpoint,
    path: string,
    accept: string,
    context: AttemptContext,
  ) => {
    const headers = { accept, 'accept-encoding': 'identity' };
    return request(endpoint, path, { method, headers, streamed: false }, context);
  };

  /** Removes the secrets that were sent to this endpoint from everything that it returns. */
  const withoutSecrets = async <T>({ url }: Endpoint, work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      if (!(error instanceof RegistryError)) throw error;
      const message = secrets.redact(secretsOrigin(url), error.message);
      throw message === error.message ? error : error.withMessage(message);
    }
  };

  const readVerbatim = async (reply: Reply, { url }: Endpoint, max: number, context: AttemptContext) => {
    const body = await readBody(reply, max, context.signal);
    if (!secrets.isIn(secretsOrigin(url), body)) return body;
    throw new RegistryError('malformed', `${reply.where}: the body contains the credentials that were sent`, {
      reason: 'EchoedCredentials',
      status: reply.status,
    });
  };

  const client: Registry = {
    async head(endpoint, target, context) {
      const reply = await send('HEAD', endpoint, manifestPath(target), acceptManifests, context);
      await discard(reply);
      return {
        digest: declaredDigest(reply),
        hasMalformedDigest: hasMalformedDigest(reply),
        mediaType: declaredType(reply),
        size: contentLength(reply),
      };
    },
    async manifest(endpoint, target, context) {
      const reply = await send('GET', endpoint, manifestPath(target), acceptManifests, context);
      const body = await readVerbatim(reply, endpoint, options.maxManifestBytes, context);
      const declared = declaredDigest(reply);
      const named = 'digest' in target ? target.digest : declared;
      const digested = named !== null && matchesDigest(named, body) ? body : digestedBytes(body);
      if ('digest' in target)
        verify(reply, target.digest, digested, 'the digest asked for', 'DigestMismatch');
      // No runtime reads this header of a request by digest, so none gives up the pull for it.
      const contradiction = 'digest' in target ? 'DigestContradicted' : 'DigestMismatch';
      if (declared !== null) verify(reply, declared, digested, 'its Docker-Content-Digest', contradiction);
      const digest = named ?? digestOf('sha256', digested);
      const mediaType = declaredType(reply);
      return { digest, mediaType, hasMalformedDigest: hasMalformedDigest(reply), body };
    },
    async blob(endpoint, digest, maxBytes, context) {
      const reply = await send('GET', endpoint, `blobs/${digest}`, '*/*', context);
      const body = await readVerbatim(reply, endpoint, maxBytes, context);
      verify(reply, digest, body, 'the digest asked for', 'DigestMismatch');
      return body;
    },
    async open(endpoint, path, digest, wanted, context) {
      const { method } = wanted;
      const streamed = method === 'GET';
      const headers = contentHeaders(wanted);
      const reply = await request(endpoint, `${path}/${digest}`, { method, headers, streamed }, context);
      return await contentAnswer(reply, method, context.signal);
    },
    async openUrl(url, from, wanted, { signal, tally }) {
      forbidDowngrade(url, from);
      const headers = { ...contentHeaders(wanted), 'user-agent': options.userAgent };
      const outgoing = { method: wanted.method, url, headers, privateHeaders: {} };
      const route = foreignRoute(from && dispatchers.route(from), wanted.method === 'GET');
      const reply = await exchange(outgoing, route, signal, requestCounter(tally));
      return await contentAnswer(await successful(reply), wanted.method, signal);
    },
    close: () => dispatchers.close(),
  };
  return {
    head: (endpoint, ...rest) => withoutSecrets(endpoint, client.head(endpoint, ...rest)),
    manifest: (endpoint, ...rest) => withoutSecrets(endpoint, client.manifest(endpoint, ...rest)),
    blob: (endpoint, ...rest) => withoutSecrets(endpoint, client.blob(endpoint, ...rest)),
    open: (endpoint, ...rest) => withoutSecrets(endpoint, client.open(endpoint, ...rest)),
    openUrl: (...rest) => client.openUrl(...rest),
    close: () => client.close(),
  };
}

interface Wanted {
  readonly method: 'GET' | 'HEAD';
  readonly headers: Headers;
  readonly streamed: boolean;
}

// Maximum number of warnings from one endpoint in one resolution.
const maxWarnings = 8;

function noteWarnings(reply: Reply, tally: RequestTally): void {
  for (const text of registryWarnings(reply)) {
    tally.warnings ??= new Set();
    if (tally.warnings.size < maxWarnings) tally.warnings.add(text);
  }
}

async function successful(reply: Reply): Promise<Reply> {
  if (reply.status < 200 || reply.status > 299) throw await statusFailure(reply);
  return reply;
}

/**
 * Returns the route to a host that a manifest names. It has no certificates of the endpoint, and allows loopback addresses
 * only if the endpoint itself has one.
 */
function foreignRoute(from: Route | null, streamed: boolean): Route {
  const loopback = from?.loopback ?? false;
  return {
    origin: '',
    configured: false,
    dialled: false,
    tls: plainTls,
    dialTimeoutMs: null,
    loopback,
    streamed,
  };
}

// Headers that this client or HTTP itself sets. A mirror configuration must not decide how messages are framed.
const notConfigurable = new Set([
  'accept',
  'host',
  'connection',
  'content-length',
  'transfer-encoding',
  'upgrade',
  'te',
  'expect',
  'keep-alive',
  'proxy-authorization',
  'accept-encoding',
]);

function compose(method: 'GET' | 'HEAD', endpoint: Endpoint, path: string, headers: Headers): Outgoing {
  const url = new URL(`${endpoint.url}/${endpoint.repository}/${path}`);
  if (endpoint.namespace !== null) url.searchParams.set('ns', endpoint.namespace);
  const own = Object.entries(endpoint.headers).map(
    ([name, values]) => [name.toLowerCase(), [...values]] as [string, string[]],
  );
  const privateHeaders = Object.fromEntries(own.filter(([name]) => !notConfigurable.has(name)));
  return { method, url, headers, privateHeaders };
}

function manifestPath(target: Target): string {
  return `manifests/${'digest' in target ? target.digest : target.tag}`;
}

function declaredDigest(reply: Reply): Digest | null {
  const value = header(reply, 'docker-content-digest');
  return value !== null && isDigest(value) ? value : null;
}

function hasMalformedDigest(reply: Reply): boolean {
  const value = header(reply, 'docker-content-digest') ?? '';
  return value !== '' && !isDigest(value);
}

function declaredType(reply: Reply): string | null {
  return bareMediaType(header(reply, 'content-type'));
}

function verify(reply: Reply, digest: Digest, body: Uint8Array, whose: string, reason: string): void {
  if (matchesDigest(digest, body)) return;
  throw new RegistryError('malformed', `${reply.where}: the body does not match ${whose}, ${digest}`, {
    reason,
    status: reply.status,
  });
}
