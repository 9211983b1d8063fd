/** `pratique serve` as a child process, with its log read all along. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Webhook } from '../../../demo/client.ts';
import { readMetrics } from '../../../demo/metrics.ts';
import { bin, cleanEnvironment } from './command.ts';

/** One line of the log. */
export type LogLine = Readonly<Record<string, string | number | boolean | undefined>> & {
  readonly event: string;
};

export interface Server extends Webhook, AsyncDisposable {
  readonly pid: number;
  readonly metricsUrl: string;
  /** The log so far. */
  readonly log: readonly LogLine[];
  /** What it wrote to stderr so far. */
  readonly stderr: string;
  /** The `nth` line of `event`, waited for. */
  event(event: string, nth?: number): Promise<LogLine>;
  /** A counter or gauge by name and labels, 0 when there is none. */
  metric(series: string): Promise<number>;
  /** The exit status, null when a signal ended it. */
  readonly exited: Promise<number | null>;
  /** SIGTERM, and the exit status. */
  stop(): Promise<number | null>;
}

const patienceMs = 20_000;

/** Resolves when it serves; rejects with its last words when it ends before. `ca`: of certificates that are not its own. */
export async function startServer(configuration: string, ca?: string): Promise<Server> {
  const child = spawn(bin, ['serve', '--config', configuration], {
    env: cleanEnvironment(),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = gather(child);
  const exited = new Promise<number | null>((resolve) => child.once('close', resolve));
  const event = (name: string, nth = 1) => output.event(name, nth, exited);
  const started = await event('started');
  const own = String((await event('certificate-loaded'))['caBundle'] ?? '');
  const metricsUrl = `http://127.0.0.1:${portOf(started['metrics'])}`;
  const stop = () => {
    child.kill('SIGTERM');
    return exited;
  };
  return {
    port: portOf(started['webhook']),
    ca: ca ?? Buffer.from(own, 'base64').toString(),
    pid: child.pid ?? 0,
    metricsUrl,
    log: output.log,
    get stderr() {
      return output.stderr;
    },
    event,
    metric: async (series) => (await readMetrics(metricsUrl)).get(series) ?? 0,
    exited,
    stop,
    // A test that failed must not leave a process behind that drains for ever.
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

interface Output {
  readonly log: LogLine[];
  stderr: string;
  event(name: string, nth: number, exited: Promise<unknown>): Promise<LogLine>;
}

function gather(child: ChildProcess): Output {
  const waiting = new Set<() => void>();
  const output: Output = {
    log: [],
    stderr: '',
    event: (name, nth, exited) =>
      new Promise((resolve, reject) => {
        const late = setTimeout(() => give(`no ${name} within ${patienceMs} ms`), patienceMs);
        const look = () => {
          const found = output.log.filter(({ event }) => event === name)[nth - 1];
          if (!found) return;
          clearTimeout(late);
          waiting.delete(look);
          resolve(found);
        };
        const give = (why: string) => {
          clearTimeout(late);
          waiting.delete(look);
          const last = output.log.slice(-5).map((line) => JSON.stringify(line));
          reject(new Error([why, ...last, output.stderr].join('\n')));
        };
        waiting.add(look);
        look();
        void exited.then(() => give(`it ended without ${name}`));
      }),
  };
  child.stderr?.on('data', (chunk: Buffer) => {
    output.stderr += chunk.toString();
  });
  if (!child.stdout) throw new Error('no output to read');
  createInterface({ input: child.stdout }).on('line', (line) => {
    output.log.push(JSON.parse(line) as LogLine);
    for (const look of waiting) look();
  });
  return output;
}

function portOf(address: LogLine[string]): number {
  const text = String(address);
  return Number(text.slice(text.lastIndexOf(':') + 1));
}
