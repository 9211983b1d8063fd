/** Runs `bin/pratique` to its end, as a shell would. Servers are `server.ts`'s. */
import { spawn } from 'node:child_process';
import { bin } from './serving.ts';

export { bin };

export interface Finished {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  /** All of the environment but `PATH`: nothing of the machine (proxies, `PRATIQUE_CONFIG`) gets in. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly stdin?: string | Buffer;
}

/** What a child may see of this process' environment. */
export function cleanEnvironment(more: Readonly<Record<string, string>> = {}): Record<string, string> {
  return { PATH: process.env['PATH'] ?? '', ...more };
}

export function pratique(args: readonly string[], options: CommandOptions = {}): Promise<Finished> {
  const child = spawn(bin, args, { env: cleanEnvironment(options.environment) });
  const [stdout, stderr]: [Buffer[], Buffer[]] = [[], []];
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
  // A command that refuses its arguments does not wait for its input.
  child.stdin.on('error', () => undefined).end(options.stdin ?? '');
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status) =>
      resolve({
        status,
        stdout: Buffer.concat(stdout).toString(),
        stderr: Buffer.concat(stderr).toString(),
      }),
    );
  });
}

/** One image of `pratique inspect -o json`, as scripts see it. */
export interface InspectedJson {
  readonly image: string;
  readonly reference: string | null;
  readonly result: string;
  readonly reason: string | null;
  readonly digest: string | null;
  readonly mediaType: string | null;
  readonly platforms: readonly string[];
  readonly endpoint: string | null;
  readonly message: string;
  readonly warnings: readonly { readonly code: string; readonly message: string }[];
  readonly endpoints: readonly {
    readonly endpoint: string;
    readonly result: string;
    readonly requests: number;
    readonly tokenRequests: number;
  }[];
}

/** `pratique inspect` of many images at once; throws what it said on stderr when it printed no JSON. */
export async function inspected(
  configuration: string,
  images: readonly string[],
): Promise<readonly InspectedJson[]> {
  const { stdout, stderr } = await pratique(['inspect', '--config', configuration, '-o', 'json', ...images]);
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout) as InspectedJson[];
}
