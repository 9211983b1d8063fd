/** Counts what keeps the server going: its certificate and its configuration. */
import type { Registry } from 'prom-client';
import { catalogue } from './catalogue.ts';
import { type Counts, FastMetric } from './fast-counter.ts';

const outcomes = [['success'], ['failure']] as const;

export class UpkeepMetrics {
  readonly #expiry: Counts<'certificateExpiry'>;
  readonly #certificates: Counts<'certificateReloads'>;
  readonly #configurations: Counts<'configReload'>;
  readonly #healthy: Counts<'configHealthy'>;

  constructor(registry: Registry) {
    this.#expiry = new FastMetric(catalogue.certificateExpiry, registry);
    this.#certificates = new FastMetric(catalogue.certificateReloads, registry).initialize(...outcomes);
    this.#configurations = new FastMetric(catalogue.configReload, registry).initialize(...outcomes);
    this.#healthy = new FastMetric(catalogue.configHealthy, registry);
  }

  certificateLoaded(notAfter: Date): void {
    this.#certificates.inc('success');
    this.#expiry.set(notAfter.getTime() / 1000);
  }

  certificateRejected(): void {
    this.#certificates.inc('failure');
  }

  configurationLoaded(): void {
    this.#configurations.inc('success');
    this.#healthy.set(1);
  }

  configurationRejected(): void {
    this.#configurations.inc('failure');
    this.#healthy.set(0);
  }
}
