/**
 * Fallback to plain http: tries https first, then http if the configuration allows it, but never with a host that has spoken
 * TLS.
 */
import { LRUCache } from 'lru-cache';
import type { Endpoint, PlainFallbackCause } from '../../endpoints/endpoint.ts';
import { RegistryError } from '../error.ts';
import { spokeTls } from '../failures.ts';

// 10000: a forgotten host could be downgraded to plain text, so no host falls back once the set is full.
const maxHosts = 10_000;
const plainMs = 60_000;

/** Maps the reason of a failed request to the cause of a fallback. */
const causes: ReadonlyMap<string, PlainFallbackCause> = new Map([
  ['NotTls', 'HttpAnswer'],
  ['ConnectionRefused', 'ConnectionRefused'],
  ['ConnectTimeout', 'ConnectTimeout'],
]);

export class PlainFallback {
  /** Hosts as `host:port` that have spoken TLS since this client was created. */
  readonly #hosts = new Set<string>();
  /** Hosts that answered in plain http recently, so that the next request does not wait for TLS again. */
  readonly #plainHosts = new LRUCache<string, true>({ max: maxHosts, ttl: plainMs, ttlAutopurge: false });

  /** Records that `host` (`host:port`) has completed or begun a TLS handshake. */
  spoke(host: string): void {
    if (this.#hosts.size < maxHosts) this.#hosts.add(host);
  }

  /** Runs `work` with the endpoint, and again with its http form if the host does not speak TLS. */
  async run<T>(endpoint: Endpoint, work: (endpoint: Endpoint) => Promise<T>): Promise<T> {
    if (endpoint.plainFallback.length === 0 || !endpoint.url.startsWith('https:')) return work(endpoint);
    const { host } = new URL(endpoint.url);
    const plain = { ...endpoint, url: endpoint.url.replace('https:', 'http:') };
    if (this.#plainHosts.has(host) && !this.#hosts.has(host)) return work(plain);
    try {
      const result = await work(endpoint);
      this.spoke(host);
      return result;
    } catch (error) {
      if (!(error instanceof RegistryError)) throw error;
      if (error.status !== null || spokeTls(error)) this.spoke(host);
      if (!this.#mayFallBack(host, endpoint, error)) throw error;
      const result = await work(plain);
      this.#plainHosts.set(host, true);
      return result;
    }
  }

  #mayFallBack(host: string, { plainFallback }: Endpoint, error: RegistryError): boolean {
    if (this.#hosts.has(host) || this.#hosts.size >= maxHosts) return false;
    if (plainFallback.includes('AnyFailure')) return error.status === null;
    const cause = causes.get(error.reason ?? '');
    return cause !== undefined && plainFallback.includes(cause);
  }
}
