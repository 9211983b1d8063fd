/** https first, then plain http where the configuration allows it, and never to a host that has spoken TLS (rule 13). */
import type { Endpoint } from '../../endpoints/endpoint.ts';
import { RegistryError } from '../error.ts';
import { spokeTls } from '../failures.ts';

// What is not remembered any more could be tricked into plain text; so when this is full nobody falls back.
const maxHosts = 10_000;

export class PlainFallback {
  /** `host:port` of those that have spoken TLS in the life of this client. */
  readonly #hosts = new Set<string>();

  /** `host` (`host:port`) has completed or begun a TLS handshake. */
  spoke(host: string): void {
    if (this.#hosts.size < maxHosts) this.#hosts.add(host);
  }

  /** Runs `work` against the endpoint, and again against its http form when no TLS is spoken there. */
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
