/** Connections: one pool of them per TLS profile, proxy and address policy. The only place where sockets are made. */
import { isIP } from 'node:net';
import { checkServerIdentity, createSecureContext, getCACertificates, type SecureContext } from 'node:tls';
import { LRUCache } from 'lru-cache';
import { Agent, buildConnector, type Dispatcher, Pool, ProxyAgent } from 'undici';
import { type Endpoint, plainTls, type TlsProfile } from '../../endpoints/endpoint.ts';
import { isNodeLocal } from '../../endpoints/loopback.ts';
import { forbidLiteral, guardedLookup } from './addresses.ts';
import { metered } from './meter.ts';
import { type ProxySettings, proxyFor } from './proxies.ts';

/** How the hosts that one endpoint leads to are connected to. */
export interface Route {
  /** The endpoint's own. */
  readonly origin: string;
  /** Somebody configured it, so it is reached wherever it is; else whoever wrote the image chose the host. */
  readonly configured: boolean;
  readonly tls: TlsProfile;
  readonly dialTimeoutMs: number | null;
  /** The endpoint is on a loopback address by configuration, so it may lead to others. */
  readonly loopback: boolean;
  /** Its answers are read as streams of any length: their reader limits them, not the connection. */
  readonly streamed?: boolean;
}

/** Where a host may be: anywhere, anywhere but on links and metadata services, or not on this machine either. */
type Guard = 'open' | 'loopback' | 'strict';

/** Of an image's own registry loopback addresses are `registry.loopback`'s business. */
export function guardOf({ origin }: URL, route: Route): Guard {
  if (origin === route.origin) return route.configured ? 'open' : 'loopback';
  return route.loopback ? 'loopback' : 'strict';
}

export interface DispatcherOptions {
  /** `registry.corp:5000` → `10.0.0.5:5000`: the address dialled, nothing else changes. */
  readonly hosts: ReadonlyMap<string, string>;
  readonly proxy: ProxySettings;
  /** PEM texts trusted everywhere, beside the system's roots. */
  readonly caPem: readonly string[];
  /** More than an answer can have, whatever is in it. */
  readonly maxAnswerBytes: number;
  /** Told of every host that completed a TLS handshake. */
  readonly onTls: (host: string) => void;
}

// Profiles are written by operators, and few; this bounds what reloads leave behind.
const maxDispatchers = 128;
const connectionsPerOrigin = 32;
const connectTimeoutMs = 10_000;
// Long enough to be warm for the next look-up, shorter than what load balancers allow.
const keepAliveMs = 30_000;

export class Dispatchers {
  readonly #options: DispatcherOptions;
  readonly #pools: LRUCache<string, Dispatcher>;
  /** By their certificates: each takes more than a megabyte, and tens of milliseconds to make. */
  readonly #contexts = new LRUCache<string, SecureContext>({ max: maxDispatchers });
  #roots: readonly string[] | null = null;

  constructor(options: DispatcherOptions) {
    this.#options = options;
    this.#pools = new LRUCache({ max: maxDispatchers, dispose: (pool) => void pool.close().catch(() => {}) });
  }

  route(endpoint: Endpoint): Route {
    const url = new URL(endpoint.url);
    const dialled = this.#dialAddress(url);
    return {
      origin: url.origin,
      configured: endpoint.source !== null || dialled !== null,
      tls: endpoint.tls,
      dialTimeoutMs: endpoint.dialTimeoutMs,
      loopback: isNodeLocal(dialled === null ? endpoint.url : `tcp://${dialled}`),
    };
  }

  /** Throws when the profile's certificates cannot be used. */
  for(url: URL, route: Route): Dispatcher {
    const own = url.origin === route.origin;
    // Client certificates are credentials: they belong to the endpoint's own host (rule 9).
    const tls = own ? route.tls : { ...route.tls, client: [], clientPem: [] };
    const proxy = this.#dialAddress(url) === null ? proxyFor(url, this.#options.proxy) : null;
    const guard = guardOf(url, route);
    const { dialTimeoutMs, streamed } = route;
    const key = JSON.stringify([
      proxy,
      guard,
      dialTimeoutMs,
      streamed,
      tls.skipVerify,
      tls.caPem,
      tls.clientPem,
    ]);
    const existing = this.#pools.get(key);
    if (existing) return existing;
    const made = proxy === null ? this.#direct(tls, route, guard) : this.#proxied(proxy, tls, route);
    this.#pools.set(key, made);
    return made;
  }

  /** Not gracefully: undici's `close` waits for hosts that never let anybody connect. */
  async close(): Promise<void> {
    const pools = [...this.#pools.values()];
    await Promise.all(pools.map((pool) => pool.destroy()));
    this.#pools.clear();
  }

  #direct(tls: TlsProfile, route: Route, guard: Guard): Dispatcher {
    const shared = {
      secureContext: this.#context(tls),
      rejectUnauthorized: !tls.skipVerify,
      timeout: route.dialTimeoutMs ?? connectTimeoutMs,
      allowH2: false,
      ...(guard === 'open' ? {} : { lookup: guardedLookup(guard === 'loopback') }),
    };
    const check = (host: string): void => {
      if (guard !== 'open') forbidLiteral(host, guard === 'loopback');
    };
    const factory = (origin: string | URL, options: object): Dispatcher =>
      this.#pool(origin, options, this.#connector(new URL(origin), shared, check), route);
    return new Agent({ ...poolOptions, factory });
  }

  #pool(origin: string | URL, options: object, connector: buildConnector.connector, route: Route): Pool {
    const connect = route.streamed ? connector : metered(connector, this.#options.maxAnswerBytes);
    return new Pool(new URL(origin).origin, { ...poolOptions, ...options, connect });
  }

  /** Connects to the dial address, while the certificate is checked for the host of the URL. */
  #connector(
    origin: URL,
    shared: buildConnector.BuildOptions,
    check: (host: string) => void,
  ): buildConnector.connector {
    const name = origin.hostname.replace(/^\[|\]$/g, '');
    const connect = buildConnector({
      ...shared,
      checkServerIdentity: (_dialled, certificate) => checkServerIdentity(name, certificate),
      ...(isIP(name) === 0 ? { servername: name } : {}),
    });
    const dialled = this.#dialAddress(origin);
    const address = dialled === null ? null : new URL(`tcp://${dialled}`);
    const host = address?.hostname.replace(/^\[|\]$/g, '') ?? name;
    return (target, callback) => {
      try {
        check(host);
      } catch (error) {
        return callback(error as Error, null);
      }
      connect({ ...target, hostname: host, port: address?.port || target.port }, (...result) => {
        if (result[1] && origin.protocol === 'https:') this.#options.onTls(origin.host);
        callback(...result);
      });
    };
  }

  #proxied(proxy: string, tls: TlsProfile, route: Route): Dispatcher {
    const timeout = route.dialTimeoutMs ?? connectTimeoutMs;
    return new ProxyAgent({
      ...poolOptions,
      uri: proxy,
      requestTls: { secureContext: this.#context(tls), rejectUnauthorized: !tls.skipVerify, timeout },
      proxyTls: { secureContext: this.#context(plainTls), timeout },
      clientFactory: (origin, options) => new Pool(origin, { ...options, headersTimeout: timeout }),
      // Its own connector makes the tunnel.
      factory: (origin, options: { readonly connect: buildConnector.connector }) =>
        this.#pool(origin, options, options.connect, route),
    });
  }

  #context({ caPem, clientPem }: TlsProfile): SecureContext {
    const key = JSON.stringify([caPem, clientPem]);
    const existing = this.#contexts.get(key);
    if (existing) return existing;
    this.#roots ??= [...systemRoots(), ...this.#options.caPem];
    const made = createSecureContext({
      ca: [...this.#roots, ...caPem],
      cert: clientPem.map(({ cert }) => cert),
      key: clientPem.map(({ key }) => key),
    });
    this.#contexts.set(key, made);
    return made;
  }

  #dialAddress(url: URL): string | null {
    const port = url.port || (url.protocol === 'https:' ? '443' : '80');
    const { hosts } = this.#options;
    return hosts.get(`${url.hostname}:${port}`) ?? hosts.get(url.host) ?? null;
  }
}

const poolOptions = {
  allowH2: false,
  connections: connectionsPerOrigin,
  keepAliveTimeout: keepAliveMs,
} as const;

/** What the system trusts, and what Node brings along where the system (a bare container image) has nothing. */
function systemRoots(): readonly string[] {
  const all = [...getCACertificates('default'), ...getCACertificates('system')];
  return [...new Set(all.map((pem) => pem.trim()))];
}
