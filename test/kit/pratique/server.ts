/** `pratique serve` as the tests talk to it. Without a cluster; in one it is `hack/cluster/installation.ts`'s. */
import type { Webhook } from './admission-client.ts';
import { readMetrics } from './metrics.ts';
import { authorityOf, type Serving, startServing } from './serving.ts';
import { cleanEnvironment } from './command.ts';

export interface Server extends Serving, Webhook {
  /** A counter or gauge by name and labels, 0 when there is none. */
  metric(series: string): Promise<number>;
}

/** Resolves when it serves; rejects with its last words when it ends before. `ca`: of certificates that are not its own. */
export async function startServer(configuration: string, ca?: string): Promise<Server> {
  const serving = await startServing({ configuration, environment: cleanEnvironment() });
  return Object.assign(serving, {
    ca: ca ?? (await authorityOf(serving)),
    metric: async (series: string) => (await readMetrics(serving.metricsUrl)).get(series) ?? 0,
  });
}
