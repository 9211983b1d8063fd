/** Metrics of the process, under the names that common dashboards use. */
import { performance } from 'node:perf_hooks';
import { Counter, Gauge, type Registry } from 'prom-client';
import { catalogue, type MetricSpec } from './catalogue.ts';

/**
 * Registers the metrics of the process. prom-client's default metrics are not used: they contain gauges that
 * end in `_total`, which `promtool check metrics` rejects, and observers that cost time even without a
 * scrape.
 */
export function registerProcessMetrics(registry: Registry): void {
  const started = Date.now() / 1000 - process.uptime();
  counter(catalogue.cpu, registry, () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  });
  gauge(catalogue.startTime, registry, () => started);
  gauge(catalogue.residentMemory, registry, () => process.memoryUsage.rss());
  gauge(catalogue.heapUsed, registry, () => process.memoryUsage().heapUsed);
  counter(catalogue.eventLoop, registry, () => performance.eventLoopUtilization().active / 1000);
}

/** Returns a counter whose total is read at the scrape. */
function counter(spec: MetricSpec, registry: Registry, readTotal: () => number): void {
  const metric = new Counter({
    ...options(spec),
    collect() {
      this.reset();
      this.inc(readTotal());
    },
  });
  registry.registerMetric(metric);
}

function gauge(spec: MetricSpec, registry: Registry, read: () => number): void {
  const metric = new Gauge({
    ...options(spec),
    collect() {
      this.set(read());
    },
  });
  registry.registerMetric(metric);
}

function options({ name, help }: MetricSpec) {
  return { name, help, registers: [] };
}
