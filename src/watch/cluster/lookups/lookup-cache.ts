/** Answers of the API server to single questions, kept for a while in memory; who asks meanwhile waits for the same answer. It knows nothing of what is asked. */
import { LRUCache } from 'lru-cache';
import { KubernetesError, type KubernetesErrorCode } from '../../kubernetes/api.ts';

export type LookupOutcome<T> =
  | { readonly kind: 'found'; readonly value: T }
  | { readonly kind: 'absent' }
  /** Nobody knows: no answer, no right to ask. */
  | { readonly kind: 'failed'; readonly code: KubernetesErrorCode };

export interface LookupCacheOptions<T> {
  /** Rejects with `KubernetesError`; `NotFound` is an answer. */
  readonly fetch: (key: string) => Promise<T>;
  /** Milliseconds; 0: only those who ask at the same time share an answer. */
  readonly ttlMs: number;
  readonly clock?: () => number;
  /** Of a value, in characters; what is kept is bounded by their sum, too. */
  readonly size?: (value: T) => number;
  /** Is it the same as before? Then the former object stays. */
  readonly same?: (before: T, after: T) => boolean;
}

interface Entry<T> {
  readonly outcome: LookupOutcome<T>;
  readonly until: number;
}

const maxEntries = 10_000;
const maxSize = 32 * 2 ** 20;
// Questions under way.
const maxFlights = 1_000;
const absentMs = 5_000;
// Short: what stands in the way may be over soon, but not for every pod anew.
const failedMs = 1_000;
/** The part of its time after which an answer is asked for anew, behind the back of those who still use it. */
const aheadShare = 0.8;

export class LookupCache<T> {
  readonly #options: LookupCacheOptions<T>;
  readonly #clock: () => number;
  readonly #entries: LRUCache<string, Entry<T>>;
  readonly #flights = new Map<string, Promise<LookupOutcome<T>>>();

  constructor(options: LookupCacheOptions<T>) {
    this.#options = options;
    this.#clock = options.clock ?? (() => performance.now());
    this.#entries = new LRUCache<string, Entry<T>>({
      max: maxEntries,
      maxSize,
      sizeCalculation: ({ outcome }) =>
        256 + (outcome.kind === 'found' ? (options.size?.(outcome.value) ?? 0) : 0),
    });
  }

  /** No promise where the answer is at hand. Never rejects but for a programming error. */
  get(key: string): LookupOutcome<T> | Promise<LookupOutcome<T>> {
    const entry = this.#entries.get(key);
    if (!entry) return this.#asked(key);
    const left = entry.until - this.#clock();
    if (left <= 0) return this.#asked(key);
    if (entry.outcome.kind === 'found' && left < (1 - aheadShare) * this.#options.ttlMs)
      this.#asked(key).catch(() => {});
    return entry.outcome;
  }

  #asked(key: string): Promise<LookupOutcome<T>> {
    const flight = this.#flights.get(key);
    if (flight) return flight;
    if (this.#flights.size >= maxFlights) return Promise.resolve({ kind: 'failed', code: 'TooManyRequests' });
    const asking = this.#ask(key).finally(() => this.#flights.delete(key));
    this.#flights.set(key, asking);
    return asking;
  }

  async #ask(key: string): Promise<LookupOutcome<T>> {
    const answer = await this.#fetched(key);
    const before = this.#entries.peek(key);
    // A refresh ahead of time that fails takes nothing away from those who have the answer before.
    const isValid = before !== undefined && before.until > this.#clock();
    if (answer.kind === 'failed' && isValid && before.outcome.kind === 'found') return before.outcome;
    const outcome = this.#reusePrevious(before?.outcome, answer) ?? answer;
    this.#entries.set(key, { outcome, until: this.#clock() + this.#lifetime(outcome) });
    return outcome;
  }

  async #fetched(key: string): Promise<LookupOutcome<T>> {
    try {
      return { kind: 'found', value: await this.#options.fetch(key) };
    } catch (error) {
      if (!(error instanceof KubernetesError)) throw error;
      return error.code === 'NotFound' ? { kind: 'absent' } : { kind: 'failed', code: error.code };
    }
  }

  #reusePrevious(before: LookupOutcome<T> | undefined, after: LookupOutcome<T>): LookupOutcome<T> | null {
    if (before?.kind !== 'found' || after.kind !== 'found') return null;
    return this.#options.same?.(before.value, after.value) ? before : null;
  }

  #lifetime({ kind }: LookupOutcome<T>): number {
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
