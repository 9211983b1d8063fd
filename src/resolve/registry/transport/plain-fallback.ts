/** Plain http fallback: https first, then http where the configuration allows it, but never to a host that has spoken TLS. */
import type { Endpoint } from '../../endpoints/endpoint.ts';
import { RegistryError } from '../error.ts';
import { spokeTls } from '../failures.ts';

// A forgotten host could be downgraded to plain text, so no host falls back once this set is full.
const maxHosts = 10_000;

export class PlainFallback {
  /** `host:port` of hosts that have spoken TLS in the life of this client. */
  readonly #hosts = new Set<string>();

  /** Records that `host` (`host:port`) has completed or begun a TLS handshake. */
  spoke(host: string): void {
    if (this.#hosts.size < maxHosts) this.#hosts.add(host);
  }

  /** Runs `work` with the endpoint, and again with its http form if the host does not speak TLS. */
  async run<T>(endpoint: Endpoint, work: (endpoint: Endpoint) => Promise<T>): Promise<T> {
    if (!endpoint.plainFallback || !endpoint.url.startsWith('https:')) return work(endpoint);
    const { host } = new URL(endpoint.url);
    try {
      const result = await work(endpoint);
      this.spoke(host);
      return result;
    } catch (error) {
      if (!(error instanceof RegistryError)) throw error;
      if (error.status !== null || spokeTls(error)) this.spoke(host);
      if (!this.#mayFallBack(host, error)) throw error;
      return work({ ...endpoint, url: endpoint.url.replace('https:', 'http:') });
    }
  }

  #mayFallBack(host: string, error: RegistryError): boolean {
    // Not after a reset or a silence: whoever is on the way could make those.
    const noTls = error.reason === 'NotTls' || error.reason === 'ConnectionRefused';
    return noTls && !this.#hosts.has(host) && this.#hosts.size < maxHosts;
  }
}
