/** A running Pratique: its addresses and the CA of its certificate. */
import type { Webhook } from '../test/kit/pratique/admission-client.ts';
import { authorityOf, startServing } from '../test/kit/pratique/serving.ts';

export interface Pratique extends Webhook {
  readonly metricsUrl: string;
  readonly pid: number;
  /** Sends SIGTERM; resolves with the exit status. */
  stop(): Promise<number | null>;
}

/** Resolves when it is ready; rejects with its last log lines if it ends before. */
export async function startPratique(configuration: string): Promise<Pratique> {
  const serving = await startServing({ configuration, environment: { PATH: process.env['PATH'] ?? '' } });
  return { ...serving, ca: await authorityOf(serving) };
}
