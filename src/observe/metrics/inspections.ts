/** Metrics of inspections: endpoints, results, cache and circuit breakers. */
import { Gauge, Histogram, type Registry } from 'prom-client';
import type { Attempt, InspectionResult } from '../../resolve/inspection/inspection.ts';
import type { CacheEvent, InspectionObserver } from '../../resolve/inspection/observer.ts';
import { catalogue } from './catalogue.ts';
import { EndpointNames } from './endpoint-names.ts';
import { type Counts, FastMetric } from './fast-counter.ts';

export class InspectionMetrics implements InspectionObserver {
  readonly #names = new EndpointNames();
  readonly #open = new Set<string>();
  readonly #results: Counts<'inspections'>;
  readonly #cache: Counts<'cacheEvents'>;
  readonly #attempts: Counts<'endpointInspections'>;
  readonly #requests: Counts<'endpointHttpRequests'>;
  readonly #durations: Histogram;

  constructor(registry: Registry) {
    this.#results = new FastMetric(catalogue.inspections, registry);
    this.#cache = new FastMetric(catalogue.cacheEvents, registry);
    this.#attempts = new FastMetric(catalogue.endpointInspections, registry);
    this.#requests = new FastMetric(catalogue.endpointHttpRequests, registry);
    const { name, help, labels, buckets } = catalogue.endpointDuration;
    this.#durations = new Histogram({
      name,
      help,
      labelNames: labels,
      buckets: [...buckets],
      registers: [registry],
    });
    this.#registerBreakers(registry);
  }

  attempted(attempt: Attempt, registry: string): void {
    const name = this.#names.name(attempt.endpoint, attempt.configured, registry);
    this.#attempts.inc(name.endpoint, name.registry, attempt.role, attempt.result);
    if (attempt.requests + attempt.tokenRequests === 0) return;
    this.#requests.add(attempt.requests, name.endpoint, name.registry, 'content');
    this.#requests.add(attempt.tokenRequests, name.endpoint, name.registry, 'token');
    this.#durations.observe({ ...name }, attempt.durationMs / 1000);
  }

  breaker(endpoint: string, open: boolean): void {
    if (open) this.#open.add(endpoint);
    else this.#open.delete(endpoint);
  }

  cache(event: CacheEvent): void {
    this.#cache.inc(event);
  }

  inspected(result: InspectionResult): void {
    this.#results.inc(result);
  }

  /**
   * Names are looked up at the scrape, because attempts know whether a URL is configured, but breakers do
   * not.
   */
  #registerBreakers(registry: Registry): void {
    const [names, open] = [this.#names, this.#open];
    const { name, help, labels } = catalogue.breakerOpen;
    const gauge = new Gauge({
      name,
      help,
      labelNames: labels,
      registers: [],
      collect() {
        this.reset();
        for (const labels of names.all()) this.set({ ...labels }, 0);
        for (const url of open) this.inc({ ...names.known(url) });
      },
    });
    registry.registerMetric(gauge);
  }
}
