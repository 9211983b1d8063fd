/** Counts what keeps the server going: its certificate and its configuration. */
import type { Registry } from 'prom-client';
import { catalogue } from './catalogue.ts';
import { type Counts, Tally } from './fast-counter.ts';

const outcomes = [['success'], ['failure']] as const;

export class UpkeepMetrics {
  readonly #expiry: Counts<'certificateExpiry'>;
  readonly #certificates: Counts<'certificateReloads'>;
  readonly #configurations: Counts<'configReload'>;
  readonly #healthy: Counts<'configHealthy'>;

  constructor(registry: Registry) {
    this.#expiry = new Tally(catalogue.certificateExpiry, registry);
    this.#certificates = new Tally(catalogue.certificateReloads, registry).begin(...outcomes);
    this.#configurations = new Tally(catalogue.configReload, registry).begin(...outcomes);
    this.#healthy = new Tally(catalogue.configHealthy, registry);
  }

  certificateLoaded(notAfter: Date): void {
    this.#certificates.inc('success');
    this.#expiry.set(notAfter.getTime() / 1000);
  }

  certificateRefused(): void {
    this.#certificates.inc('failure');
  }

  configurationLoaded(): void {
    this.#configurations.inc('success');
    this.#healthy.set(1);
  }

  configurationRefused(): void {
    this.#configurations.inc('failure');
    this.#healthy.set(0);
  }
}
