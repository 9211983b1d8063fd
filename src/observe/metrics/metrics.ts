/** All metrics of one server, in their own registry. */
import { Registry } from 'prom-client';
import { AdmissionMetrics } from './admissions.ts';
import { catalogue } from './catalogue.ts';
import { ClusterMetrics } from './cluster.ts';
import { InspectionMetrics } from './inspections.ts';
import { registerProcessMetrics } from './process.ts';
import { type Counts, FastMetric } from './fast-counter.ts';
import { LifecycleMetrics } from './lifecycle.ts';

export class Metrics {
  readonly admissions: AdmissionMetrics;
  readonly inspections: InspectionMetrics;
  readonly cluster: ClusterMetrics;
  readonly lifecycle: LifecycleMetrics;
  readonly engineApiRequests: Counts<'engineApiRequests'>;
  readonly #registry = new Registry();

  /**
   * Creates the metrics.
   * @param version Pratique's version
   */
  constructor(version: string) {
    new FastMetric(catalogue.buildInfo, this.#registry).set(1, version, process.version);
    this.admissions = new AdmissionMetrics(this.#registry);
    this.inspections = new InspectionMetrics(this.#registry);
    this.cluster = new ClusterMetrics(this.#registry);
    this.lifecycle = new LifecycleMetrics(this.#registry);
    this.engineApiRequests = new FastMetric(catalogue.engineApiRequests, this.#registry);
    registerProcessMetrics(this.#registry);
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** Returns the text for Prometheus. */
  render(): Promise<string> {
    return this.#registry.metrics();
  }
}
