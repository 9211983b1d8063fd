/** Metrics of the controller, leader election and the Kubernetes API client. */
import type { Registry } from 'prom-client';
import { catalogue } from './catalogue.ts';
import { type Counts, FastMetric } from './fast-counter.ts';

/** Current number of images in use. */
export interface ImagesInUse {
  /** Maps a result to its number of images. */
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
  readonly #errors: Counts<'reconcileErrors'>;
  readonly #eventsDiscarded: Counts<'eventsDiscarded'>;
  readonly #requests: Counts<'restClientRequests'>;
  readonly #leader: Counts<'leader'>;

  constructor(registry: Registry) {
    this.#images = new FastMetric(catalogue.images, registry);
    this.#drifted = new FastMetric(catalogue.imagesDrifted, registry);
    this.#optedOut = new FastMetric(catalogue.podsOptedOut, registry);
    this.#unpinned = new FastMetric(catalogue.podsUnpinned, registry);
    this.#missed = new FastMetric(catalogue.podsMissed, registry);
    this.#depth = new FastMetric(catalogue.workQueueDepth, registry);
    this.#errors = new FastMetric(catalogue.reconcileErrors, registry);
    this.#eventsDiscarded = new FastMetric(catalogue.eventsDiscarded, registry).initialize(
      ['dropped'],
      ['failed'],
    );
    this.#requests = new FastMetric(catalogue.restClientRequests, registry);
    this.#leader = new FastMetric(catalogue.leader, registry);
  }

  /**
   * Sets the number of images; null if this replica does not lead: only the leader reports, because a sum
   * over replicas must not count an image twice.
   */
  images(inUse: ImagesInUse | null): void {
    if (inUse === null) {
      for (const gauge of [this.#images, this.#drifted, this.#depth, this.#optedOut, this.#unpinned])
        gauge.clear();
      return;
    }
    for (const [result, count] of inUse.results) this.#images.set(count, result);
    this.#drifted.set(inUse.drifted);
  }

  queued(depth: number): void {
    this.#depth.set(depth);
  }

  reconcileFailed(): void {
    this.#errors.inc();
  }

  /**
   * Counts an Event that was not written. `dropped` means that it exceeded the limit in total or per object.
   */
  eventDiscarded(reason: 'dropped' | 'failed'): void {
    this.#eventsDiscarded.inc(reason);
  }

  /** Counts a request. `code` is the HTTP status; null if there was no answer. */
  requested(verb: string, resource: string, code: number | null): void {
    this.#requests.inc(verb, resource, String(code ?? 'none'));
  }

  podMissed(): void {
    this.#missed.inc();
  }

  /** Sets the number of pods excluded by their label. */
  optedOut(pods: number): void {
    this.#optedOut.set(pods);
  }

  /** Sets the number of running pods that have an image by its tag although the policy pins it. */
  unpinned(pods: number): void {
    this.#unpinned.set(pods);
  }

  leading(leader: boolean): void {
    this.#leader.set(leader ? 1 : 0);
  }
}
