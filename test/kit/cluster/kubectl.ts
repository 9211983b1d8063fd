/** `kubectl` as a person types it, to its end. Not for watching. */
import { execFile, spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export interface Kubectl {
  readonly stdout: string;
  readonly stderr: string;
  readonly status: number | null;
}

export interface KubectlOptions {
  readonly stdin?: string;
}

const setup = fileURLToPath(new URL('../../../hack/setup-helm.sh', import.meta.url));

/** Whatever comes out; `must` throws instead where the status is not 0. */
export async function kubectl(
  kubeconfig: string,
  args: readonly string[],
  { stdin = '' }: KubectlOptions = {},
): Promise<Kubectl> {
  const child = spawn(await program(), args, {
    env: environment(kubeconfig),
  });
  const [stdout, stderr]: [Buffer[], Buffer[]] = [[], []];
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
  child.stdin.on('error', () => undefined).end(stdin);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status) =>
      resolve({
        stdout: Buffer.concat(stdout).toString(),
        stderr: Buffer.concat(stderr).toString(),
        status,
      }),
    );
  });
}

/** Standard output; throws what kubectl said when it failed. */
export async function must(
  kubeconfig: string,
  args: readonly string[],
  options: KubectlOptions = {},
): Promise<string> {
  const { stdout, stderr, status } = await kubectl(kubeconfig, args, options);
  if (status !== 0) throw new Error(`kubectl ${args.join(' ')}: ${stderr || stdout}`);
  return stdout;
}

/** Nothing of the machine: no proxy, no configuration, no cache of another API server's discovery. */
export function environment(kubeconfig: string): Record<string, string> {
  return { PATH: process.env['PATH'] ?? '', KUBECONFIG: kubeconfig, HOME: dirname(kubeconfig) };
}

/** Path of a kubectl: the one named, the one people have, else the one that comes beside Helm. */
export async function program(): Promise<string> {
  const named = process.env['TEST_ASSET_KUBECTL'];
  if (named) return named;
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), process.env['KUBEBUILDER_ASSETS'] ?? ''];
  const found = folders.filter(Boolean).find((folder) => runs(join(folder, 'kubectl')));
  if (found !== undefined) return join(found, 'kubectl');
  const { stdout } = await promisify(execFile)(setup, ['kubectl']);
  return stdout.trim();
}

function runs(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
