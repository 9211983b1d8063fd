/** Keeps a store like what the API server has of one kind, for as long as it runs. What an object is reduced to, and what follows from a change, is the caller's. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fields } from '../../../util/unstructured.ts';
import { type KubernetesApi, KubernetesError, type KubernetesErrorCode } from '../api.ts';
import { type BackoffTimes, backoff } from '../../../util/async/backoff.ts';
import { follow, type WatchTimes } from './watch.ts';
import { ObjectCache } from './object-cache.ts';
import { listPages } from './list.ts';
import type { Resource } from '../resource.ts';
import type { ListWatch } from './list-watch.ts';
import type { Change, StoreView } from './store.ts';

export interface ReflectorObserver {
  /** A full list is in: so many objects are kept. */
  listed(resource: Resource, count: number, ms: number): void;
  /** It tries again after a while. */
  failed(resource: Resource, error: KubernetesError): void;
  /** `ended`: the watch goes on where the server ended it. `expired`: it begins anew with a list. `absent`: the kind is not installed. */
  restarted(resource: Resource, why: 'ended' | 'expired' | 'absent'): void;
  /** A projection or a listener threw: a mistake of ours, not of the cluster. */
  threw(resource: Resource, error: unknown): void;
}

/** `watchMs` is the least; a random part of it comes on top, so that replicas do not reconnect together. */
export interface ReflectorTimes extends BackoffTimes, WatchTimes {
  /** What lasted so long makes the failures before it forgotten. */
  readonly healthyMs: number;
  /** How often to look whether an optional resource has been installed. */
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
  /** What is kept of an object, null for nothing. The items of a list may come without `apiVersion` and `kind`. */
  readonly project: (object: Fields) => T | null;
  /** Deep equality when absent. */
  readonly equal?: (before: T, after: T) => boolean;
  /** All namespaces when absent. */
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** Its CRD may be missing: then there are none. */
  readonly optional?: boolean;
  readonly observer?: ReflectorObserver;
  readonly times?: Partial<ReflectorTimes>;
  /** Objects a page where the server cannot stream a list; default 500. */
  readonly pageSize?: number;
  /** In [0, 1); `Math.random` when absent. */
  readonly random?: () => number;
}

/** A list costs a server that has too much to do far more than the watch that it turned away. */
const saysNothingOfVersions: ReadonlySet<KubernetesErrorCode> = new Set([
  'TooManyRequests',
  'Forbidden',
  'Unauthorized',
]);

export class Reflector<T> implements StoreView<T> {
  readonly #options: ReflectorOptions<T>;
  readonly #times: ReflectorTimes;
  readonly #random: () => number;
  readonly #cache: ObjectCache<T>;
  readonly #first = Promise.withResolvers<void>();
  #synced = false;
  #failure: KubernetesError | null = null;
  /** Where to go on watching; null: a list is due. */
  #version: string | null = null;
  /** `pages once`: a streaming list stalled or was cut short, which may have been the connection, or a server on its way out. */
  #listing: 'streams' | 'pages once' | 'pages' = 'streams';

  constructor(options: ReflectorOptions<T>) {
    this.#options = options;
    this.#times = { ...defaultReflectorTimes, ...options.times };
    this.#random = options.random ?? Math.random;
    const { project, equal, resource, observer } = options;
    this.#cache = new ObjectCache({
      project,
      ...(equal ? { equal } : {}),
      threw: (error) => observer?.threw(resource, error),
    });
  }

  get isSynced(): boolean {
    return this.#synced;
  }

  /** Why the last attempt ended; null: the server ended it, or it is under way for the first time. */
  get failure(): KubernetesError | null {
    return this.#failure;
  }

  get size(): number {
    return this.#cache.size;
  }

  /** Of the last event; null before the first list and while a new one is under way. */
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

  /** Resolves when the first full list is in; rejects when `signal` aborts before. */
  async synced(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const { promise, reject } = Promise.withResolvers<never>();
    const leave = (): void => reject(signal.reason as Error);
    signal.addEventListener('abort', leave, { once: true });
    try {
      await Promise.race([this.#first.promise, promise]);
    } finally {
      signal.removeEventListener('abort', leave);
    }
  }

  /** Until `signal` aborts; it never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    let failures = 0;
    while (!signal.aborted) {
      const begun = performance.now();
      const failure = await this.#round(signal);
      if (signal.aborted) return;
      this.#failure = failure;
      if (failure === null || performance.now() - begun > this.#times.healthyMs) failures = 0;
      if (failure === null) continue;
      const wait = this.#pause(failure, failures++);
      if (wait > 0) await sleep(wait, undefined, { signal }).catch(() => {});
    }
  }

  /** One watch, with pages before it where they are needed. null: the server ended it. */
  async #round(signal: AbortSignal): Promise<KubernetesError | null> {
    const { resource, observer } = this.#options;
    try {
      const source = this.#source(signal);
      if (this.#version === null && this.#listing !== 'streams')
        await listPages(source, this.#options.pageSize ?? 500);
      const watchMs = this.#times.watchMs * (1 + this.#random());
      await follow(source, this.#version, { ...this.#times, watchMs });
      observer?.restarted(resource, 'ended');
      return null;
    } catch (error) {
      if (error instanceof KubernetesError) return error;
      // None of the API's: a mistake of ours, which must not end the watching of the cluster.
      observer?.threw(resource, error);
      return new KubernetesError('Malformed', `${resource.plural}: an unexpected failure`, { cause: error });
    }
  }

  /** What follows from a failure, and how long to wait. `before`: failures in a row before it. */
  #pause(failure: KubernetesError, before: number): number {
    const { resource, observer, optional = false } = this.#options;
    if (failure.code === 'NotFound' && optional) return this.#absent();
    if (this.#version === null && this.#listing === 'streams' && this.#mayPage(failure)) return 0;
    if (failure.code === 'Gone') {
      this.#version = null;
      observer?.restarted(resource, 'expired');
      if (before === 0) return 0;
    } else {
      observer?.failed(resource, failure);
      // A version that is refused again and again, as after etcd came back from a backup, is no good.
      if (before >= 2 && failure.status !== null && !saysNothingOfVersions.has(failure.code))
        this.#version = null;
    }
    return Math.max(failure.retryAfterMs ?? 0, backoff(this.#times, before + 1, this.#random()));
  }

  /** Was it the streaming that did not work? Then pages will. */
  #mayPage({ code }: KubernetesError): boolean {
    if (code === 'Invalid') this.#listing = 'pages';
    else if (code === 'Timeout' || code === 'Malformed') this.#listing = 'pages once';
    else return false;
    return true;
  }

  /** The kind is not installed: there are none. */
  #absent(): number {
    const { resource, observer } = this.#options;
    if (!this.#synced || this.#version !== null) observer?.restarted(resource, 'absent');
    this.#version = null;
    this.#cache.relist().done();
    this.#sync();
    return this.#times.absentMs * (1 + this.#random() / 5);
  }

  #sync(): void {
    this.#synced = true;
    this.#first.resolve();
  }

  #source(signal: AbortSignal): ListWatch {
    const { api, resource, namespace, labelSelector, fieldSelector, observer } = this.#options;
    const begun = performance.now();
    return {
      api,
      resource,
      namespace,
      selectors: { labelSelector, fieldSelector },
      signal,
      sink: this.#cache,
      listed: (version) => {
        this.#version = version;
        if (this.#listing === 'pages once') this.#listing = 'streams';
        observer?.listed(resource, this.size, performance.now() - begun);
        this.#sync();
      },
      reached: (version) => {
        this.#version = version;
      },
    };
  }
}
