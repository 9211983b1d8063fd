/** TTL cache with single-flight for GET requests to the API server. It is generic over the object. */
import { LRUCache } from 'lru-cache';
import { KubernetesError, type KubernetesErrorCode } from '../../kubernetes/api.ts';

export type LookupResult<T> =
  | { readonly kind: 'found'; readonly value: T }
  | { readonly kind: 'absent' }
  /** The lookup failed: there was no response, or no permission. */
  | { readonly kind: 'failed'; readonly code: KubernetesErrorCode };

export interface LookupCacheOptions<T> {
  /** Fetches the object. Rejects with `KubernetesError`; `NotFound` is cached as absent. */
  readonly fetch: (key: string) => Promise<T>;
  /** TTL in milliseconds; with 0 only concurrent lookups share a response. */
  readonly ttlMs: number;
  readonly clock?: () => number;
  /** Returns the size of a value in characters; the sum of all sizes is bounded. */
  readonly size?: (value: T) => number;
  /** Returns true if the value did not change; the previous object then stays in the cache. */
  readonly isEqual?: (previous: T, after: T) => boolean;
}

interface CacheEntry<T> {
  readonly result: LookupResult<T>;
  readonly until: number;
}

const maxEntries = 10_000;
const maxSize = 32 * 2 ** 20;
// Limit of requests in flight.
const maxInFlight = 1_000;
const absentMs = 5_000;
// TTL of a failure. It is short because the cause may disappear soon, but not zero because each pod must not
// cost another request.
const failedMs = 1_000;
/** Share of its TTL after which an entry is refreshed in the background while it is still used. */
const refreshAheadShare = 0.8;

export class LookupCache<T> {
  readonly #options: LookupCacheOptions<T>;
  readonly #clock: () => number;
  readonly #entries: LRUCache<string, CacheEntry<T>>;
  readonly #inFlight = new Map<string, Promise<LookupResult<T>>>();

  constructor(options: LookupCacheOptions<T>) {
    this.#options = options;
    this.#clock = options.clock ?? (() => performance.now());
    this.#entries = new LRUCache<string, CacheEntry<T>>({
      max: maxEntries,
      maxSize,
      sizeCalculation: ({ result }) =>
        256 + (result.kind === 'found' ? (options.size?.(result.value) ?? 0) : 0),
    });
  }

  /** Returns a promise only if a request is needed. Rejects only for programming errors. */
  get(key: string): LookupResult<T> | Promise<LookupResult<T>> {
    const entry = this.#entries.get(key);
    if (!entry) return this.#fetchShared(key);
    const left = entry.until - this.#clock();
    if (left <= 0) return this.#fetchShared(key);
    if (entry.result.kind === 'found' && left < (1 - refreshAheadShare) * this.#options.ttlMs)
      this.#fetchShared(key).catch(() => {});
    return entry.result;
  }

  #fetchShared(key: string): Promise<LookupResult<T>> {
    const inFlight = this.#inFlight.get(key);
    if (inFlight) return inFlight;
    if (this.#inFlight.size >= maxInFlight)
      return Promise.resolve({ kind: 'failed', code: 'TooManyRequests' });
    const request = this.#refresh(key).finally(() => this.#inFlight.delete(key));
    this.#inFlight.set(key, request);
    return request;
  }

  async #refresh(key: string): Promise<LookupResult<T>> {
    const fetched = await this.#fetchOnce(key);
    const previous = this.#entries.peek(key);
    // A failed background refresh must not replace a value that is still valid.
    const isValid = previous !== undefined && previous.until > this.#clock();
    if (fetched.kind === 'failed' && isValid && previous.result.kind === 'found') return previous.result;
    const result = this.#reusePrevious(previous?.result, fetched) ?? fetched;
    this.#entries.set(key, { result, until: this.#clock() + this.#lifetime(result) });
    return result;
  }

  async #fetchOnce(key: string): Promise<LookupResult<T>> {
    try {
      return { kind: 'found', value: await this.#options.fetch(key) };
    } catch (error) {
      if (!(error instanceof KubernetesError)) throw error;
      return error.code === 'NotFound' ? { kind: 'absent' } : { kind: 'failed', code: error.code };
    }
  }

  #reusePrevious(previous: LookupResult<T> | undefined, after: LookupResult<T>): LookupResult<T> | null {
    if (previous?.kind !== 'found' || after.kind !== 'found') return null;
    return this.#options.isEqual?.(previous.value, after.value) ? previous : null;
  }

  #lifetime({ kind }: LookupResult<T>): number {
    switch (kind) {
      case 'found':
        return this.#options.ttlMs;
      case 'absent':
        return Math.min(absentMs, this.#options.ttlMs);
      case 'failed':
        return Math.min(failedMs, this.#options.ttlMs);
      default:
        return kind satisfies never;
    }
  }
}
