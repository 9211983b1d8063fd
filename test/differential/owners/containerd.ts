/** containerd as the owner of `hosts.toml`: a daemon of Debian's as the store, and `ctr` of every version, in which the resolving is done. */
import { randomUUID } from 'node:crypto';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Outcome } from '../observation.ts';
import type { Owner, Question } from './owner.ts';
import { lastLine, run } from './process.ts';

export interface Daemon extends AsyncDisposable {
  readonly socket: string;
}

/** Starts Debian's containerd with everything below `folder`. */
export async function startContainerd(folder: string): Promise<Daemon> {
  await mkdir(folder, { recursive: true });
  const socket = join(folder, 'containerd.sock');
  const config = join(folder, 'config.toml');
  await writeFile(config, daemonConfig(folder, socket));
  const child = spawn('containerd', ['--config', config, '--log-level', 'warn'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let log = '';
  child.stderr.on('data', (chunk: Buffer) => (log = (log + chunk.toString()).slice(-4_000)));
  await listening(socket, child, () => log);
  return {
    socket,
    async [Symbol.asyncDispose]() {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await gone;
    },
  };
}

/** `isolated`: what one namespace has fetched is not there for the next. */
function daemonConfig(folder: string, socket: string): string {
  return `version = 2
root = "${folder}/root"
state = "${folder}/state"
disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.internal.v1.opt"]
[grpc]
  address = "${socket}"
  uid = ${process.getuid?.() ?? 0}
  gid = ${process.getgid?.() ?? 0}
[ttrpc]
  address = "${socket}.ttrpc"
[plugins."io.containerd.metadata.v1.bolt"]
  content_sharing_policy = "isolated"
`;
}

async function listening(socket: string, child: ChildProcess, log: () => string): Promise<void> {
  let failure: Error | undefined;
  child.once('error', (error) => (failure = error));
  for (let tries = 0; tries < 100; tries++) {
    if (failure || child.exitCode !== null) break;
    if ((await run('ctr', ['--address', socket, 'version'])).ok) return;
    await sleep(100);
  }
  child.kill('SIGKILL');
  throw new Error(`containerd did not start: ${failure?.message ?? lastLine(log())}`, { cause: failure });
}

/** `ctr` at `path`; each image is fetched into a namespace of its own. */
export async function ctr(path: string, { socket }: Daemon, origin: string): Promise<Owner> {
  const version = lastLine((await run(path, ['--version'])).stdout.toString()).replace(/^.* v?/, '');
  return {
    program: 'ctr',
    name: `ctr ${version} (${origin})`,
    format: 'hosts.toml',
    // Debian's has a suffix.
    version: version.replace(/[^\d.].*/, ''),
    ask: (question) => fetch(path, socket, question),
  };
}

async function fetch(path: string, socket: string, question: Question): Promise<Outcome> {
  const inNamespace = ['--address', socket, '--namespace', randomUUID()];
  const hosts = ['--hosts-dir', question.folder, '--platform', 'linux/amd64'];
  const fetched = await run(path, [...inNamespace, 'content', 'fetch', ...hosts, question.image], question);
  if (!fetched.ok) return { digest: null, hung: fetched.hung, words: lastLine(fetched.stderr) };
  const listed = await run(path, [...inNamespace, 'images', 'list']);
  const digest = /\bsha256:[0-9a-f]{64}\b(?=\s+\d)/.exec(listed.stdout.toString())?.[0] ?? null;
  return { digest, hung: false, words: lastLine(listed.stdout.toString()) };
}
