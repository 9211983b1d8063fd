/** One pod of Pratique as a process of this machine. Not for what it is configured with. */
import { readMetrics } from '../pratique/metrics.ts';
import { type Serving, type ServingOptions, startServing } from '../pratique/serving.ts';
import type { Processes } from './control-plane/processes.ts';
import { answers } from './control-plane/readiness.ts';

export interface Replica extends Serving {
  /** Name that its pod would have. */
  readonly name: string;
  ready(): Promise<boolean>;
  /** Counters and gauges by name and labels. */
  metrics(): Promise<ReadonlyMap<string, number>>;
  /** Sum of all series that start with `prefix`. */
  sum(prefix: string): Promise<number>;
}

/** Resolves when it listens, which is before it is ready. */
export async function startReplica(
  name: string,
  children: Processes,
  options: ServingOptions,
): Promise<Replica> {
  const serving = await startServing({ ...options, onStart: (child) => children.guard(child) });
  const ready = answers(`${serving.metricsUrl}/readyz`);
  const metrics = () => readMetrics(serving.metricsUrl);
  return Object.assign(serving, {
    name,
    ready,
    metrics,
    async sum(prefix: string) {
      const found = [...(await metrics())].filter(([series]) => series.startsWith(prefix));
      return found.reduce((total, [, value]) => total + value, 0);
    },
  });
}

/** What a person has to know of a replica that does not become ready. */
export async function notReady({ name, metricsUrl, log, stderr }: Replica): Promise<string> {
  const verbose = await fetch(`${metricsUrl}/readyz?verbose`).then(
    (answer) => answer.text(),
    (error) => String(error),
  );
  const last = log.slice(-10).map((line) => JSON.stringify(line));
  return [`${name} is not ready:`, verbose, ...last, stderr].join('\n');
}
