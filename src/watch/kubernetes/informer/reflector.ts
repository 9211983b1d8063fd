/** Reflector that keeps a cache equal to the API server's objects of one kind while it runs: streaming list, watch, and retries with backoff. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fields } from '../../../util/unstructured.ts';
import { type KubernetesApi, KubernetesError, type KubernetesErrorCode } from '../api.ts';
import { type BackoffTimes, backoff } from '../../../util/async/backoff.ts';
import { watch, type WatchTimes } from './watch.ts';
import { ObjectCache } from './object-cache.ts';
import { listInPages } from './list.ts';
import type { Resource } from '../resource.ts';
import type { ListWatch } from './list-watch.ts';
import type { Change, StoreView } from './store.ts';

export interface ReflectorObserver {
  /** Called when a full list is complete and holds `count` objects. */
  synced(resource: Resource, count: number, ms: number): void;
  /** Called when a list or watch failed; it is retried. */
  watchFailed(resource: Resource, error: KubernetesError): void;
  /**
   * Called when the watch starts again. `ended`: the server ended it, and it continues at the same version.
   * `expired`: it starts with a new list. `absent`: the kind is not installed.
   */
  watchRestarted(resource: Resource, reason: 'ended' | 'expired' | 'absent'): void;
  /** Called when a projection or a listener threw, which is a defect in Pratique and not in the cluster. */
  handlerThrew(resource: Resource, error: unknown): void;
}

/**
 * Times of a reflector. `watchMs` is the minimum; a random part is added, so that replicas do not reconnect
 * at the same time.
 */
export interface ReflectorTimes extends BackoffTimes, WatchTimes {
  /** Duration after which a watch resets the count of failures. */
  readonly healthyMs: number;
  /** Interval of checks whether an optional kind has been installed. */
  readonly absentMs: number;
}

export const defaultReflectorTimes: ReflectorTimes = {
  firstMs: 500,
  longestMs: 30_000,
  healthyMs: 30_000,
  silenceMs: 150_000,
  listSilenceMs: 30_000,
  absentMs: 60_000,
  watchMs: 300_000,
};

export interface ReflectorOptions<T> {
  readonly api: KubernetesApi;
  readonly resource: Resource;
  /**
   * Reduces an object to the fields that are cached; null to skip it. List items may lack `apiVersion` and
   * `kind`.
   */
  readonly project: (object: Fields) => T | null;
  /** Compares projections; defaults to deep equality. */
  readonly equal?: (before: T, after: T) => boolean;
  /** Namespace; defaults to all namespaces. */
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** True if the CRD may be missing; the cache is then empty and synced. */
  readonly optional?: boolean;
  readonly observer?: ReflectorObserver;
  readonly times?: Partial<ReflectorTimes>;
  /** Objects per page if the server cannot stream a list; defaults to 500. */
  readonly pageSize?: number;
  /** Returns a number in [0, 1); defaults to `Math.random`. */
  readonly random?: () => number;
}

/**
 * Failures after which the watch continues at its version, because a list costs an overloaded server far more
 * than a watch.
 */
const unrelatedToVersion: ReadonlySet<KubernetesErrorCode> = new Set([
  'TooManyRequests',
  'Forbidden',
  'Unauthorized',
]);

export class Reflector<T> implements StoreView<T> {
  readonly #options: ReflectorOptions<T>;
  readonly #times: ReflectorTimes;
  readonly #random: () => number;
  readonly #cache: ObjectCache<T>;
  readonly #firstList = Promise.withResolvers<void>();
  #synced = false;
  #failure: KubernetesError | null = null;
  /** Version at which to continue the watch; null if a list is needed. */
  #version: string | null = null;
  /**
   * `pages once` means that a streaming list stalled or was cut short; the cause may be the connection, or a
   * server that shuts down.
   */
  #listing: 'streams' | 'pages once' | 'pages' = 'streams';

  constructor(options: ReflectorOptions<T>) {
    this.#options = options;
    this.#times = { ...defaultReflectorTimes, ...options.times };
    this.#random = options.random ?? Math.random;
    const { project, equal, resource, observer } = options;
    this.#cache = new ObjectCache({
      project,
      ...(equal ? { equal } : {}),
      onError: (error) => observer?.handlerThrew(resource, error),
    });
  }

  get isSynced(): boolean {
    return this.#synced;
  }

  /** Error of the last attempt; null if the server ended the watch, or during the first attempt. */
  get failure(): KubernetesError | null {
    return this.#failure;
  }

  get size(): number {
    return this.#cache.size;
  }

  /** Version of the last event; null before the first list and during a new one. */
  get resourceVersion(): string | null {
    return this.#version;
  }

  get(key: string): T | undefined {
    return this.#cache.get(key);
  }

  values(): IterableIterator<T> {
    return this.#cache.values();
  }

  subscribe(listener: (change: Change<T>) => void): () => void {
    return this.#cache.subscribe(listener);
  }

  /** Resolves when the first full list is complete; rejects if `signal` aborts before. */
  async synced(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const { promise, reject } = Promise.withResolvers<never>();
    const abort = (): void => reject(signal.reason as Error);
    signal.addEventListener('abort', abort, { once: true });
    try {
      await Promise.race([this.#firstList.promise, promise]);
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  /** Runs until `signal` aborts; never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    let failures = 0;
    while (!signal.aborted) {
      const startedAt = performance.now();
      const failure = await this.#watchOnce(signal);
      if (signal.aborted) return;
      this.#failure = failure;
      if (failure === null || performance.now() - startedAt > this.#times.healthyMs) failures = 0;
      if (failure === null) continue;
      const delayMs = this.#delayAfter(failure, failures++);
      if (delayMs > 0) await sleep(delayMs, undefined, { signal }).catch(() => {});
    }
  }

  /** Runs one watch, after a paginated list if one is needed. Returns null if the server ended the watch. */
  async #watchOnce(signal: AbortSignal): Promise<KubernetesError | null> {
    const { resource, observer } = this.#options;
    try {
      const source = this.#listWatch(signal);
      if (this.#version === null && this.#listing !== 'streams')
        await listInPages(source, this.#options.pageSize ?? 500);
      const watchMs = this.#times.watchMs * (1 + this.#random());
      await watch(source, this.#version, { ...this.#times, watchMs });
      observer?.watchRestarted(resource, 'ended');
      return null;
    } catch (error) {
      if (error instanceof KubernetesError) return error;
      // This is a defect in Pratique, which must not end the watch.
      observer?.handlerThrew(resource, error);
      return new KubernetesError('Malformed', `${resource.plural}: an unexpected failure`, { cause: error });
    }
  }

  /** Handles a failure and returns the delay before the next attempt. `before` counts the consecutive failures before it. */
  #delayAfter(failure: KubernetesError, before: number): number {
    const { resource, observer, optional = false } = this.#options;
    if (failure.code === 'NotFound' && optional) return this.#handleAbsentKind();
    if (this.#version === null && this.#listing === 'streams' && this.#switchToPages(failure)) return 0;
    if (failure.code === 'Gone') {
      this.#version = null;
      observer?.watchRestarted(resource, 'expired');
      if (before === 0) return 0;
    } else {
      observer?.watchFailed(resource, failure);
      // The server rejects the version repeatedly, for example after etcd was restored from a backup, so the
      // objects are listed again.
      if (before >= 2 && failure.status !== null && !unrelatedToVersion.has(failure.code))
        this.#version = null;
    }
    return Math.max(failure.retryAfterMs ?? 0, backoff(this.#times, before + 1, this.#random()));
  }

  /** Switches to paginated lists if the failure was caused by streaming; returns false otherwise. */
  #switchToPages({ code }: KubernetesError): boolean {
    if (code === 'Invalid') this.#listing = 'pages';
    else if (code === 'Timeout' || code === 'Malformed') this.#listing = 'pages once';
    else return false;
    return true;
  }

  /** Empties the cache of a kind that is not installed. */
  #handleAbsentKind(): number {
    const { resource, observer } = this.#options;
    if (!this.#synced || this.#version !== null) observer?.watchRestarted(resource, 'absent');
    this.#version = null;
    this.#cache.relist().done();
    this.#markSynced();
    return this.#times.absentMs * (1 + this.#random() / 5);
  }

  #markSynced(): void {
    this.#synced = true;
    this.#firstList.resolve();
  }

  #listWatch(signal: AbortSignal): ListWatch {
    const { api, resource, namespace, labelSelector, fieldSelector, observer } = this.#options;
    const startedAt = performance.now();
    return {
      api,
      resource,
      namespace,
      selectors: { labelSelector, fieldSelector },
      signal,
      sink: this.#cache,
      onListed: (version) => {
        this.#version = version;
        if (this.#listing === 'pages once') this.#listing = 'streams';
        observer?.synced(resource, this.size, performance.now() - startedAt);
        this.#markSynced();
      },
      onVersion: (version) => {
        this.#version = version;
      },
    };
  }
}
