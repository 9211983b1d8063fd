/** Connection pools, one per TLS profile, proxy and address policy. The only place where sockets are created. */
import { isIP } from 'node:net';
import { checkServerIdentity, createSecureContext, getCACertificates, type SecureContext } from 'node:tls';
import { LRUCache } from 'lru-cache';
import { Agent, buildConnector, type Dispatcher, Pool, ProxyAgent } from 'undici';
import { type Endpoint, plainTls, type TlsProfile } from '../../endpoints/endpoint.ts';
import { isNodeLocal } from '../../endpoints/loopback.ts';
import { forbidLiteral, guardedLookup } from './addresses.ts';
import { metered } from './meter.ts';
import { type ProxySettings, proxyFor } from './proxies.ts';

/** Connection settings for one endpoint and the hosts that it refers to. */
export interface Route {
  /** Origin of the endpoint itself. */
  readonly origin: string;
  /** True if an operator configured the endpoint: any address is allowed then. Else the image's author chose the host. */
  readonly configured: boolean;
  readonly tls: TlsProfile;
  readonly dialTimeoutMs: number | null;
  /** True if the endpoint is on a loopback address by configuration, so it may refer to other loopback addresses. */
  readonly loopback: boolean;
  /** Its answers are read as streams of any length: their reader limits them, not the connection. */
  readonly streamed?: boolean;
}

/** Allowed addresses: any (`open`), all but link-local and metadata (`loopback`), or additionally no loopback (`strict`). */
type Guard = 'open' | 'loopback' | 'strict';

/** Returns the address policy for `url`. `registry.loopback` decides about loopback addresses of an image's own registry. */
export function guardOf({ origin }: URL, route: Route): Guard {
  if (origin === route.origin) return route.configured ? 'open' : 'loopback';
  return route.loopback ? 'loopback' : 'strict';
}

export interface DispatcherOptions {
  /** Dial addresses by host: `registry.corp:5000` → `10.0.0.5:5000`. URL and certificate checks do not change. */
  readonly hosts: ReadonlyMap<string, string>;
  readonly proxy: ProxySettings;
  /** PEM texts trusted for every endpoint in addition to the system's roots. */
  readonly caPem: readonly string[];
  /** Maximum number of bytes of one response on the wire. */
  readonly maxAnswerBytes: number;
  /** Called with every host that completed a TLS handshake. */
  readonly onTls: (host: string) => void;
}

// Operators write few profiles; this bounds what configuration reloads leave behind.
const maxDispatchers = 128;
const connectionsPerOrigin = 32;
const connectTimeoutMs = 10_000;
// Long enough for the next look-up, shorter than the idle timeouts of load balancers.
const keepAliveMs = 30_000;

export class Dispatchers {
  readonly #options: DispatcherOptions;
  readonly #pools: LRUCache<string, Dispatcher>;
  /** Secure contexts by certificates: each takes more than a megabyte and tens of milliseconds to create. */
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

  /** Returns the dispatcher for `url`. Throws if the profile's certificates are not usable. */
  for(url: URL, route: Route): Dispatcher {
    const own = url.origin === route.origin;
    // Client certificates are credentials, so only the endpoint's own host receives them.
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

  /** Destroys the pools, because undici's graceful `close` waits for hosts that never accept the connection. */
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

  /** Connects to the dial address but checks the certificate for the URL's host. */
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
      // undici's own connector establishes the tunnel.
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

/** Returns the system's roots and Node's built-in ones, because minimal container images have none. */
function systemRoots(): readonly string[] {
  const all = [...getCACertificates('default'), ...getCACertificates('system')];
  return [...new Set(all.map((pem) => pem.trim()))];
}
