/** https first, then plain http where the configuration allows it, and never to a host that has spoken TLS (rule 13). */
import type { Endpoint, PlainFallbackCause } from '../../endpoints/endpoint.ts';
import { RegistryError } from '../error.ts';
import { spokeTls } from '../failures.ts';

// What is not remembered any more could be tricked into plain text; so when this is full nobody falls back.
const maxHosts = 10_000;

/** Reason of a failed request → what it means for the fallback; a handshake timeout is a connect timeout here. */
const causes: ReadonlyMap<string, PlainFallbackCause> = new Map([
  ['NotTls', 'HttpAnswer'],
  ['ConnectionRefused', 'ConnectionRefused'],
  ['ConnectTimeout', 'ConnectTimeout'],
]);

export class PlainFallback {
  /** `host:port` of those that have spoken TLS in the life of this client. */
  readonly #hosts = new Set<string>();

  /** `host` (`host:port`) has completed or begun a TLS handshake. */
  spoke(host: string): void {
    if (this.#hosts.size < maxHosts) this.#hosts.add(host);
  }

  /** Runs `work` against the endpoint, and again against its http form when no TLS is spoken there. */
  async run<T>(endpoint: Endpoint, work: (endpoint: Endpoint) => Promise<T>): Promise<T> {
    if (endpoint.plainFallback.length === 0 || !endpoint.url.startsWith('https:')) return work(endpoint);
    const { host } = new URL(endpoint.url);
    try {
      const result = await work(endpoint);
      this.spoke(host);
      return result;
    } catch (error) {
      if (!(error instanceof RegistryError)) throw error;
      if (error.status !== null || spokeTls(error)) this.spoke(host);
      if (!this.#mayFallBack(host, endpoint, error)) throw error;
      return work({ ...endpoint, url: endpoint.url.replace('https:', 'http:') });
    }
  }

  #mayFallBack(host: string, { plainFallback }: Endpoint, error: RegistryError): boolean {
    if (this.#hosts.has(host) || this.#hosts.size >= maxHosts) return false;
    if (plainFallback.includes('AnyFailure')) return error.status === null;
    const cause = causes.get(error.reason ?? '');
    return cause !== undefined && plainFallback.includes(cause);
  }
}
