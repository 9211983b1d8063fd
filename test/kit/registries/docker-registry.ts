/** Debian's `docker-registry` as a real process for the tests: plain, TLS with htpasswd, token auth or pull-through. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { stringify } from 'yaml';

export interface RegistryOptions {
  /** PEM texts; with them it speaks TLS. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** Content of an htpasswd file (bcrypt lines). */
  readonly htpasswd?: string;
  readonly token?: {
    readonly realm: string;
    readonly service: string;
    readonly issuer: string;
    /** PEM of the certificate that signs tokens, or of its CA. */
    readonly certificate: string;
  };
  /** Base URL of the registry that this one is a pull-through cache of. */
  readonly proxy?: string;
  /** Takes pushes of schema 1, which it has long refused by default. */
  readonly schema1?: boolean;
}

/** One line of the registry's own access log. */
export interface Access {
  readonly method: string;
  readonly url: string;
  readonly status: number;
}

export interface RunningRegistry extends AsyncDisposable {
  /** `127.0.0.1:port`. */
  readonly host: string;
  readonly url: string;
  /** The registry's own access log since the last call. */
  takeLog(): Promise<readonly Access[]>;
  /** Its own `garbage-collect`, which takes manifests without a tag for garbage: the children of an index are such. */
  collectGarbage(): Promise<void>;
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

export async function startRegistry(options: RegistryOptions = {}): Promise<RunningRegistry> {
  const folder = await mkdtemp(join(tmpdir(), 'pratique-registry-'));
  const host = `127.0.0.1:${await freePort()}`;
  const file = join(folder, 'config.yml');
  await writeFile(file, stringify(await configuration(options, folder, host)));
  const child = spawn('docker-registry', ['serve', file], { stdio: ['ignore', 'pipe', 'pipe'] });
  const exited = new Promise((resolve) => child.once('exit', resolve));
  const output = gather(child);
  const url = `${options.tls ? 'https' : 'http'}://${host}`;
  await ready(host, child, output);
  let taken = 0;
  return {
    host,
    url,
    async takeLog() {
      // The registry writes its log after the answer has left: wait until it is quiet.
      await quiet(output);
      const all = accessLog(output.text);
      const fresh = all.slice(taken);
      taken = all.length;
      return fresh;
    },
    async collectGarbage() {
      await promisify(execFile)('docker-registry', ['garbage-collect', '--delete-untagged', file]);
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await exited;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function configuration(options: RegistryOptions, folder: string, host: string): Promise<object> {
  const write = async (name: string, text: string) => {
    const path = join(folder, name);
    await writeFile(path, text);
    return path;
  };
  return {
    version: '0.1',
    log: { level: 'warn', accesslog: { disabled: false } },
    storage: {
      filesystem: { rootdirectory: join(folder, 'data') },
      // Off by default; what a registry has lost is told of on a real one, too.
      delete: { enabled: true },
      maintenance: { uploadpurging: { enabled: false } },
    },
    http: {
      addr: host,
      secret: 'for-tests-only',
      ...(options.tls && {
        tls: {
          certificate: await write('tls.crt', options.tls.cert),
          key: await write('tls.key', options.tls.key),
        },
      }),
    },
    ...(options.htpasswd && {
      auth: { htpasswd: { realm: 'pratique-tests', path: await write('htpasswd', options.htpasswd) } },
    }),
    ...(options.token && {
      auth: {
        token: {
          realm: options.token.realm,
          service: options.token.service,
          issuer: options.token.issuer,
          rootcertbundle: await write('token.crt', options.token.certificate),
        },
      },
    }),
    ...(options.proxy && { proxy: { remoteurl: options.proxy } }),
    ...(options.schema1 && { compatibility: { schema1: { enabled: true } } }),
  };
}

interface Output {
  text: string;
}

function gather(child: ChildProcess): Output {
  const output: Output = { text: '' };
  const add = (chunk: Buffer) => {
    output.text += chunk.toString();
  };
  child.stdout?.on('data', add);
  child.stderr?.on('data', add);
  return output;
}

async function ready(host: string, child: ChildProcess, output: Output): Promise<void> {
  const [address = '', port = ''] = host.split(':');
  for (let tries = 0; tries < 200; tries++) {
    if (child.exitCode !== null) break;
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(Number(port), address, () => {
        socket.destroy();
        resolve(true);
      });
      socket.once('error', () => resolve(false));
    });
    if (open) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  child.kill('SIGKILL');
  throw new Error(`docker-registry did not start on ${host}:\n${output.text}`);
}

async function quiet(output: Output): Promise<void> {
  for (let before = -1; before !== output.text.length; ) {
    before = output.text.length;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function accessLog(text: string): Access[] {
  return [...text.matchAll(/"(GET|HEAD|POST|PUT|DELETE) (\S+) HTTP\/[\d.]+" (\d{3}) /g)].map(
    ([, method = '', url = '', status = '']) => ({ method, url, status: Number(status) }),
  );
}
