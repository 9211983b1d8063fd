/** Counts what the controller finds in the cluster. */
import type { Registry } from 'prom-client';
import { catalogue } from './catalogue.ts';
import { type Counts, Tally } from './tally.ts';

export class ClusterMetrics {
  readonly #images: Counts<'images'>;
  readonly #drifted: Counts<'imagesDrifted'>;
  readonly #missed: Counts<'podsMissed'>;
  readonly #leader: Counts<'leader'>;

  constructor(registry: Registry) {
    this.#images = new Tally(catalogue.images, registry);
    this.#drifted = new Tally(catalogue.imagesDrifted, registry);
    this.#missed = new Tally(catalogue.podsMissed, registry);
    this.#leader = new Tally(catalogue.leader, registry);
  }

  /** How many images in use have `result` now. */
  images(result: string, count: number): void {
    this.#images.set(count, result);
  }

  drifted(count: number): void {
    this.#drifted.set(count);
  }

  /** One pod more that nobody inspected before it was stored. */
  podMissed(): void {
    this.#missed.inc();
  }

  leading(leader: boolean): void {
    this.#leader.set(leader ? 1 : 0);
  }
}
