/** Connection pools, one per TLS profile, proxy and address policy. Only this module creates sockets. */
import { isIP } from 'node:net';
import { checkServerIdentity, createSecureContext, getCACertificates, type SecureContext } from 'node:tls';
import { LRUCache } from 'lru-cache';
import { Agent, buildConnector, type Dispatcher, Pool, ProxyAgent } from 'undici';
import { type Endpoint, plainTls, type TlsProfile } from '../../endpoints/endpoint.ts';
import { isNodeLocal } from '../../endpoints/loopback.ts';
import { type AddressPolicy, anyAddress, forbidLiteral, guardedLookup } from './addresses.ts';
import { metered } from './meter.ts';
import { NameResolver } from './name-resolver.ts';
import { type ProxySettings, proxyFor } from './proxies.ts';

/** Connection settings for one endpoint and the hosts that it refers to. */
export interface Route {
  /** Origin of the endpoint itself. */
  readonly origin: string;
  /** True if an operator configured the endpoint; else the image's author chose the host. */
  readonly configured: boolean;
  /** True if an operator configured the address to dial. */
  readonly dialled: boolean;
  readonly tls: TlsProfile;
  readonly dialTimeoutMs: number | null;
  /** True if the endpoint is on a loopback address by configuration, so it may refer to other loopback addresses. */
  readonly loopback: boolean;
  /** True if the responses are read as streams of any length, so that their reader limits them instead of the connection. */
  readonly streamed?: boolean;
}

/** How hosts are dialled and which of them may be. */
export interface ConnectionOptions {
  /**
   * Maps a host to the address to dial: `registry.corp:5000` to `10.0.0.5:5000`. URLs and certificate checks do not change.
   */
  readonly hosts: ReadonlyMap<string, string>;
  readonly proxy: ProxySettings;
  /** PEM texts trusted for every endpoint in addition to the system's roots. */
  readonly caPem: readonly string[];
  /** `contact` to allow endpoints on a loopback address, which in a cluster means the node itself; `skip` to skip them. */
  readonly loopback: 'skip' | 'contact';
  /** Networks in CIDR notation that a host may not resolve to if only an image names it. */
  readonly deniedAddresses: readonly string[];
  /** DNS resolver; the system's if absent. */
  readonly names?: NameResolver;
}

export interface DispatcherOptions extends ConnectionOptions {
  /** Maximum number of bytes of one response on the wire. */
  readonly maxAnswerBytes: number;
  /** Called with every host that completed a TLS handshake. */
  readonly onTls: (host: string) => void;
}

// 128: operators write few profiles, and configuration reloads leave old ones behind.
const maxDispatchers = 128;
const connectionsPerOrigin = 32;
const connectTimeoutMs = 10_000;
// 30 s: long enough for the next request, shorter than the idle timeouts of load balancers.
const keepAliveMs = 30_000;

export class Dispatchers {
  readonly #options: DispatcherOptions;
  readonly #pools: LRUCache<string, Dispatcher>;
  /** Secure contexts by certificates. Creating one takes tens of milliseconds and more than a megabyte. */
  readonly #contexts = new LRUCache<string, SecureContext>({ max: maxDispatchers });
  #roots: readonly string[] | null = null;
  readonly #resolver: NameResolver;

  constructor(options: DispatcherOptions) {
    this.#options = options;
    this.#resolver = options.names ?? new NameResolver();
    this.#pools = new LRUCache({ max: maxDispatchers, dispose: (pool) => void pool.close().catch(() => {}) });
  }

  route(endpoint: Endpoint): Route {
    const url = new URL(endpoint.url);
    const dialled = this.#dialAddress(url);
    return {
      origin: url.origin,
      configured: endpoint.source !== null || dialled !== null,
      dialled: dialled !== null,
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
    const policy = this.policy(url, route);
    const key = JSON.stringify([
      proxy,
      policy,
      route.configured,
      route.dialTimeoutMs,
      route.streamed,
      tls.skipVerify,
      tls.caPem,
      tls.clientPem,
    ]);
    const existing = this.#pools.get(key);
    if (existing) return existing;
    const dispatcher = proxy === null ? this.#direct(tls, route, policy) : this.#proxied(proxy, tls, route);
    this.#pools.set(key, dispatcher);
    return dispatcher;
  }

  /** Returns the addresses that the host of `url` may have. */
  policy({ origin }: URL, route: Route): AddressPolicy {
    const { loopback, deniedAddresses } = this.#options;
    const denied = route.configured ? [] : deniedAddresses;
    if (origin !== route.origin) return { loopback: route.loopback, linkLocal: false, denied };
    if (route.dialled) return anyAddress;
    return { loopback: loopback === 'contact', linkLocal: route.configured, denied };
  }

  /** Destroys the pools, because undici's graceful `close` waits for hosts that never accept the connection. */
  async close(): Promise<void> {
    const pools = [...this.#pools.values()];
    this.#resolver.close();
    await Promise.all(pools.map((pool) => pool.destroy()));
    this.#pools.clear();
  }

  #direct(tls: TlsProfile, route: Route, policy: AddressPolicy): Dispatcher {
    const resolve = (hostname: string) => this.#resolver.resolve(hostname, route.configured);
    const shared = {
      secureContext: this.#context(tls),
      rejectUnauthorized: !tls.skipVerify,
      timeout: route.dialTimeoutMs ?? connectTimeoutMs,
      allowH2: false,
      lookup: guardedLookup(resolve, policy),
    };
    const check = (host: string): void => forbidLiteral(host, policy);
    const factory = (origin: string | URL, options: object): Dispatcher =>
      this.#pool(origin, options, this.#connector(new URL(origin), shared, check), route);
    return new Agent({ ...poolOptions, factory });
  }

  #pool(origin: string | URL, options: object, connector: buildConnector.connector, route: Route): Pool {
    const connect = route.streamed ? connector : metered(connector, this.#options.maxAnswerBytes);
    return new Pool(new URL(origin).origin, { ...poolOptions, ...options, connect });
  }

  /** Returns a connector that connects to the dial address but verifies the certificate for the URL's host. */
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
    const secureContext = createSecureContext({
      ca: [...this.#roots, ...caPem],
      cert: clientPem.map(({ cert }) => cert),
      key: clientPem.map(({ key }) => key),
    });
    this.#contexts.set(key, secureContext);
    return secureContext;
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
