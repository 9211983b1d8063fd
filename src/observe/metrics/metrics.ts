/** All metrics of one running Pratique, in a registry of its own. */
import { Registry } from 'prom-client';
import { AdmissionMetrics } from './admissions.ts';
import { catalogue } from './catalogue.ts';
import { ClusterMetrics } from './cluster.ts';
import { InspectionMetrics } from './inspections.ts';
import { registerProcessMetrics } from './process.ts';
import { FastMetric } from './fast-counter.ts';
import { UpkeepMetrics } from './lifecycle.ts';

export class Metrics {
  readonly admissions: AdmissionMetrics;
  readonly inspections: InspectionMetrics;
  readonly cluster: ClusterMetrics;
  readonly upkeep: UpkeepMetrics;
  readonly #registry = new Registry();

  /** @param version Pratique's own */
  constructor(version: string) {
    new FastMetric(catalogue.buildInfo, this.#registry).set(1, version, process.version);
    this.admissions = new AdmissionMetrics(this.#registry);
    this.inspections = new InspectionMetrics(this.#registry);
    this.cluster = new ClusterMetrics(this.#registry);
    this.upkeep = new UpkeepMetrics(this.#registry);
    registerProcessMetrics(this.#registry);
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** The text that Prometheus scrapes. */
  render(): Promise<string> {
    return this.#registry.metrics();
  }
}
