/** `pratique serve` as a child process, with its log read all along: for the demo, the tests and the cluster's installation. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** One line of the log. */
export type LogLine = Readonly<Record<string, string | number | boolean | undefined>> & {
  readonly event: string;
};

/** A process that may serve one day. */
export interface Launched extends AsyncDisposable {
  readonly child: ChildProcess;
  readonly pid: number;
  /** The log so far. */
  readonly log: readonly LogLine[];
  /** What it wrote to stderr so far. */
  readonly stderr: string;
  /** The `nth` line of `event`, waited for. */
  event(event: string, nth?: number): Promise<LogLine>;
  /** The exit status, null when a signal ended it. */
  readonly exited: Promise<number | null>;
  /** SIGTERM, and the exit status. */
  stop(): Promise<number | null>;
}

export interface Serving extends Launched {
  /** Port of the webhook listener. */
  readonly port: number;
  readonly metricsUrl: string;
}

export interface ServingOptions {
  readonly configuration: string;
  /** All that it sees of the environment. */
  readonly environment: Readonly<Record<string, string>>;
  /** Path of the command; that of this checkout when absent. */
  readonly command?: string;
  /** How long events are waited for, milliseconds; 20,000 when absent. */
  readonly patienceMs?: number;
  /** Called with the process before it is ready, for a caller that must end it. */
  readonly onStart?: (child: ChildProcess) => void;
}

export const bin = fileURLToPath(new URL('../../../bin/pratique', import.meta.url));

const usualPatienceMs = 20_000;

/** Resolves when it serves; rejects with its last words when it ends before. */
export async function startServing(options: ServingOptions): Promise<Serving> {
  const launched = launch(options);
  const started = await launched.event('started');
  return Object.assign(launched, {
    port: portOf(started['webhook']),
    metricsUrl: `http://127.0.0.1:${portOf(started['metrics'])}`,
  });
}

/** Waits for nothing. */
export function launch({
  configuration,
  environment,
  command = bin,
  patienceMs = usualPatienceMs,
  onStart,
}: ServingOptions): Launched {
  const child = spawn(command, ['serve', '--config', configuration], {
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onStart?.(child);
  const output = gather(child, patienceMs);
  const exited = new Promise<number | null>((resolve) => child.once('close', resolve));
  return {
    child,
    pid: child.pid ?? 0,
    log: output.log,
    get stderr() {
      return output.stderr;
    },
    event: (name, nth = 1) => output.event(name, nth, exited),
    exited,
    stop() {
      child.kill('SIGTERM');
      return exited;
    },
    // A test that failed must not leave a process behind that drains for ever.
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

/** PEM of the authority that the server's own certificate comes from. */
export async function authorityOf(serving: Serving): Promise<string> {
  const own = String((await serving.event('certificate-loaded'))['caBundle'] ?? '');
  return Buffer.from(own, 'base64').toString();
}

interface Output {
  readonly log: LogLine[];
  stderr: string;
  event(name: string, nth: number, exited: Promise<unknown>): Promise<LogLine>;
}

function gather(child: ChildProcess, patienceMs: number): Output {
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
