/** Runs `pratique serve` for the demo and reads from its log where it listens and which CA to trust. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Webhook } from './client.ts';

export interface Pratique extends Webhook {
  readonly metricsUrl: string;
  readonly pid: number;
  /** SIGTERM, and its exit status. */
  stop(): Promise<number | null>;
}

const bin = new URL('../bin/pratique', import.meta.url).pathname;

/** Resolves when it is ready; rejects with its last words when it is not within ten seconds. */
export async function startPratique(configuration: string): Promise<Pratique> {
  const child = spawn(bin, ['serve', '--config', configuration], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = new Promise<number | null>((resolve) => child.once('exit', (status) => resolve(status)));
  const events = await eventsUntilStarted(child);
  const started = events.get('started');
  const bundle = events.get('certificate-loaded')?.['caBundle'];
  if (!started || !bundle) throw new Error('pratique serve ended before it had started');
  return {
    port: portOf(started['webhook']),
    ca: Buffer.from(bundle, 'base64').toString(),
    metricsUrl: `http://127.0.0.1:${portOf(started['metrics'])}`,
    pid: child.pid ?? 0,
    stop() {
      child.kill('SIGTERM');
      return exited;
    },
  };
}

type Events = ReadonlyMap<string, Readonly<Record<string, string>>>;

/** The first of each event in the log. The log is read to its end, so that the pipe never fills. */
function eventsUntilStarted(child: ChildProcess): Promise<Events> {
  const seen = new Map<string, Record<string, string>>();
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error('pratique serve is not ready after 10 s')), 10_000);
    const done = () => {
      clearTimeout(late);
      resolve(seen);
    };
    if (!child.stdout) throw new Error('no output to read');
    createInterface({ input: child.stdout })
      .on('line', (line) => {
        const event = JSON.parse(line) as Record<string, string>;
        const name = event['event'] ?? '';
        if (!seen.has(name)) seen.set(name, event);
        if (name === 'started') done();
      })
      .on('close', done);
  });
}

function portOf(address = ''): number {
  return Number(address.slice(address.lastIndexOf(':') + 1));
}
