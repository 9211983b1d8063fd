/** Pratique as the demo talks to it: where it listens, and which CA to trust. */
import type { Webhook } from '../test/kit/pratique/admission-client.ts';
import { authorityOf, startServing } from '../test/kit/pratique/serving.ts';

export interface Pratique extends Webhook {
  readonly metricsUrl: string;
  readonly pid: number;
  /** SIGTERM, and its exit status. */
  stop(): Promise<number | null>;
}

/** Resolves when it serves; rejects with its last words when it does not. */
export async function startPratique(configuration: string): Promise<Pratique> {
  const serving = await startServing({ configuration, environment: { PATH: process.env['PATH'] ?? '' } });
  return { ...serving, ca: await authorityOf(serving) };
}
