/** Metrics of the server's certificate, configuration and log. */
import type { Registry } from 'prom-client';
import { catalogue } from './catalogue.ts';
import { type Counts, FastMetric } from './fast-counter.ts';

const outcomes = [['success'], ['failure']] as const;

export class LifecycleMetrics {
  readonly #expiry: Counts<'certificateExpiry'>;
  readonly #certificates: Counts<'certificateReloads'>;
  readonly #configurations: Counts<'configReloads'>;
  readonly #lastReloadSuccessful: Counts<'configLastReloadSuccessful'>;
  readonly #linesDropped: Counts<'logLinesDropped'>;

  constructor(registry: Registry) {
    this.#expiry = new FastMetric(catalogue.certificateExpiry, registry);
    this.#certificates = new FastMetric(catalogue.certificateReloads, registry).initialize(...outcomes);
    this.#configurations = new FastMetric(catalogue.configReloads, registry).initialize(...outcomes);
    this.#lastReloadSuccessful = new FastMetric(catalogue.configLastReloadSuccessful, registry);
    this.#linesDropped = new FastMetric(catalogue.logLinesDropped, registry).initialize([]);
  }

  certificateLoaded(notAfter: Date): void {
    this.#certificates.inc('success');
    this.#expiry.set(notAfter.getTime() / 1000);
  }

  logLinesDropped(lines: number): void {
    this.#linesDropped.add(lines);
  }

  certificateRejected(): void {
    this.#certificates.inc('failure');
  }

  configurationLoaded(): void {
    this.#configurations.inc('success');
    this.#lastReloadSuccessful.set(1);
  }

  configurationRejected(): void {
    this.#configurations.inc('failure');
    this.#lastReloadSuccessful.set(0);
  }
}
