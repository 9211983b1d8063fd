/** A running `pratique serve` under observation: its memory and the delay of its event loop are sampled all along. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stringify } from 'yaml';
import { authorityOf, bin, type Serving, startServing } from '../kit/pratique/serving.ts';
import { cleanEnvironment } from '../kit/pratique/command.ts';

export interface TargetOptions {
  /** Sections of the configuration file beside the listeners. */
  readonly configuration?: object;
  /** Further files of the configuration, by name. */
  readonly files?: Readonly<Record<string, string>>;
  /** Replaces /etc/hosts and /etc/resolv.conf for the process, in a mount namespace of its own. */
  readonly names?: { readonly hosts?: string; readonly resolver?: string };
  readonly environment?: Readonly<Record<string, string>>;
}

export interface Target extends AsyncDisposable {
  readonly serving: Serving;
  readonly port: number;
  readonly ca: string;
  readonly folder: string;
  /** Largest so far. */
  memoryMiB(): number;
  loopDelayMs(): number;
}

const sampleMs = 20;

export async function startTarget(options: TargetOptions = {}): Promise<Target> {
  const folder = await mkdtemp(join(tmpdir(), 'pratique-attack-'));
  const configuration = join(folder, 'pratique.yaml');
  for (const [name, text] of Object.entries(options.files ?? {})) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  await writeFile(configuration, stringify(configurationOf(options)));
  const command = options.names ? await namespaced(folder, options.names) : bin;
  const serving = await startServing({
    configuration,
    environment: cleanEnvironment(options.environment),
    command,
  });
  const sampling = new AbortController();
  const samples = { memoryMiB: 0, loopDelayMs: 0 };
  const sampled = sample(serving, samples, sampling.signal);
  return {
    serving,
    port: serving.port,
    ca: await authorityOf(serving),
    folder,
    memoryMiB: () => Math.round(samples.memoryMiB),
    loopDelayMs: () => Math.round(samples.loopDelayMs),
    async [Symbol.asyncDispose]() {
      sampling.abort();
      await sampled;
      await serving[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function configurationOf({ configuration = {} }: TargetOptions): object {
  return {
    apiVersion: 'pratique.dev/v1alpha1',
    kind: 'Configuration',
    platforms: { required: ['linux/amd64'] },
    ...configuration,
    server: { webhook: { listen: '127.0.0.1:0' }, metrics: { listen: '127.0.0.1:0' } },
  };
}

/** A command that runs Pratique with name resolution of its own. `exec` keeps the process id. */
async function namespaced(
  folder: string,
  { hosts, resolver }: NonNullable<TargetOptions['names']>,
): Promise<string> {
  const mounts: string[] = [];
  if (hosts !== undefined) {
    await writeFile(join(folder, 'hosts'), hosts);
    mounts.push(`mount --bind ${join(folder, 'hosts')} /etc/hosts`);
  }
  if (resolver !== undefined) {
    await writeFile(join(folder, 'resolv.conf'), `nameserver ${resolver}\noptions timeout:30 attempts:1\n`);
    mounts.push(`mount --bind ${join(folder, 'resolv.conf')} /etc/resolv.conf`);
  }
  const script = [...mounts, `exec ${bin} "$@"`].join(' && ');
  const command = join(folder, 'pratique.sh');
  await writeFile(command, `#!/bin/sh\nexec unshare -m sh -c '${script}' sh "$@"\n`, { mode: 0o755 });
  return command;
}

/** The metrics listener answers from the same event loop, so its slowest answer is the longest delay of the loop. */
async function sample(
  { pid, metricsUrl }: Serving,
  samples: { memoryMiB: number; loopDelayMs: number },
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const started = performance.now();
    const answered = await fetch(`${metricsUrl}/healthz`, { signal }).then(
      (response) => response.arrayBuffer().then(() => true),
      () => false,
    );
    if (answered) samples.loopDelayMs = Math.max(samples.loopDelayMs, performance.now() - started);
    const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
    const [, kib = '0'] = /^VmRSS:\s+(\d+)/m.exec(status) ?? [];
    samples.memoryMiB = Math.max(samples.memoryMiB, Number(kib) / 1024);
    await sleep(sampleMs, undefined, { signal }).catch(() => undefined);
  }
}
