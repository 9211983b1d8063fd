/** The process's own numbers, under the names that every Prometheus dashboard knows. */
import { performance } from 'node:perf_hooks';
import { Counter, Gauge, type Registry } from 'prom-client';
import { catalogue, type MetricSpec } from './catalogue.ts';

/**
 * prom-client's own set has gauges that end in `_total`, which `promtool check metrics` refuses, and observers that
 * cost time even when nobody scrapes.
 */
export function registerProcessMetrics(registry: Registry): void {
  const started = Date.now() / 1000 - process.uptime();
  let utilization = performance.eventLoopUtilization();
  const counter = new Counter({
    ...options(catalogue.cpu),
    collect() {
      const { user, system } = process.cpuUsage();
      this.reset();
      this.inc((user + system) / 1e6);
    },
  });
  registry.registerMetric(counter);
  gauge(catalogue.startTime, registry, () => started);
  gauge(catalogue.residentMemory, registry, () => process.memoryUsage.rss());
  gauge(catalogue.heapUsed, registry, () => process.memoryUsage().heapUsed);
  gauge(catalogue.eventLoop, registry, () => {
    const now = performance.eventLoopUtilization();
    const since = performance.eventLoopUtilization(now, utilization);
    utilization = now;
    return since.utilization;
  });
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
