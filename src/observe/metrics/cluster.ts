/** Counts what the controller finds in the cluster, and what it asks of it. */
import type { Registry } from 'prom-client';
import { catalogue } from './catalogue.ts';
import { type Counts, FastMetric } from './fast-counter.ts';

/** How many images in use there are now. */
export interface ImagesInUse {
  /** By result. */
  readonly results: ReadonlyMap<string, number>;
  readonly drifted: number;
}

export class ClusterMetrics {
  readonly #images: Counts<'images'>;
  readonly #drifted: Counts<'imagesDrifted'>;
  readonly #optedOut: Counts<'podsOptedOut'>;
  readonly #unpinned: Counts<'podsUnpinned'>;
  readonly #missed: Counts<'podsMissed'>;
  readonly #depth: Counts<'workQueueDepth'>;
  readonly #failures: Counts<'reconcileFailures'>;
  readonly #eventsLost: Counts<'eventsLost'>;
  readonly #requests: Counts<'apiRequests'>;
  readonly #leader: Counts<'leader'>;

  constructor(registry: Registry) {
    this.#images = new FastMetric(catalogue.images, registry);
    this.#drifted = new FastMetric(catalogue.imagesDrifted, registry);
    this.#optedOut = new FastMetric(catalogue.podsOptedOut, registry);
    this.#unpinned = new FastMetric(catalogue.podsUnpinned, registry);
    this.#missed = new FastMetric(catalogue.podsMissed, registry);
    this.#depth = new FastMetric(catalogue.workQueueDepth, registry);
    this.#failures = new FastMetric(catalogue.reconcileFailures, registry);
    this.#eventsLost = new FastMetric(catalogue.eventsLost, registry).initialize(['dropped'], ['failed']);
    this.#requests = new FastMetric(catalogue.apiRequests, registry);
    this.#leader = new FastMetric(catalogue.leader, registry);
  }

  /** null: this replica does not lead, so another one tells. */
  images(inUse: ImagesInUse | null): void {
    if (inUse === null) {
      for (const gauge of [this.#images, this.#drifted, this.#depth, this.#optedOut, this.#unpinned])
        gauge.clear();
      return;
    }
    for (const [result, count] of inUse.results) this.#images.set(count, result);
    this.#drifted.set(inUse.drifted);
  }

  /** How many images wait. */
  queued(depth: number): void {
    this.#depth.set(depth);
  }

  reconcileFailed(): void {
    this.#failures.inc();
  }

  /** `dropped`: there were too many at once, or of one object. */
  eventLost(why: 'dropped' | 'failed'): void {
    this.#eventsLost.inc(why);
  }

  /** `code`: of the answer; null: there was none. */
  requested(verb: string, resource: string, code: number | null): void {
    this.#requests.inc(verb, resource, String(code ?? 'none'));
  }

  /** One pod more that nobody inspected before it was stored. */
  podMissed(): void {
    this.#missed.inc();
  }

  /** How many pods nobody judges because they ask for it. */
  optedOut(pods: number): void {
    this.#optedOut.set(pods);
  }

  /** Sets the number of running pods with an image that the policy pins, but by its tag. */
  unpinned(pods: number): void {
    this.#unpinned.set(pods);
  }

  leading(leader: boolean): void {
    this.#leader.set(leader ? 1 : 0);
  }
}
