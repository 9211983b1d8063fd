/** `pratique serve` where a daemon would be: its mirror of Docker Hub is empty and pulls nothing through, and the Hub behind it has the images. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { authority } from '../../kit/fakes/certificates.ts';
import { cleanEnvironment } from '../../kit/pratique/command.ts';
import { type Serving, startServing } from '../../kit/pratique/serving.ts';
import { multiArch, single, platform, withAttestations } from '../../kit/registries/images.ts';
import {
  login,
  passwordStand,
  plainStand,
  type Stand,
  tlsStand,
} from '../../kit/registries/registry-fixtures.ts';
import { listeners, type NodeFiles, nodeFiles } from '../support/node-files.ts';

export interface Daemon extends AsyncDisposable {
  readonly socketPath: string;
  readonly serving: Serving;
  readonly files: NodeFiles;
  readonly mirror: Stand;
  readonly hub: Stand;
  /** A registry that wants a password for everything, as `127.0.0.1:port`. */
  readonly secured: Stand;
  /** Digests of the images `hello-world:latest` and `single:1` of the Hub, and `team/app:1` of the secured registry. */
  readonly digests: { readonly hello: string; readonly single: string; readonly secured: string };
  /** The configuration, with other sections. */
  configure(engineApi: object, credentials?: object, cache?: object): Promise<void>;
}

export { login };

/** `engineApi` comes on top of the address, `registry` on top of what leads to the registries. */
export async function startDaemon(engineApi: object = {}, registry: object = {}): Promise<Daemon> {
  const open = new AsyncDisposableStack();
  // Another name than the secured registry's: by it a certificate finds its issuer.
  const ca = await authority('Hub test CA');
  const mirror = open.use(await plainStand());
  const hub = open.use(await tlsStand(ca, 'registry-1.docker.io'));
  const secured = open.use(await passwordStand());
  const digests = {
    hello: await hub.put(
      'library/hello-world',
      'latest',
      withAttestations(['linux/amd64', 'linux/arm64/v8']),
    ),
    single: await hub.put('library/single', '1', single(platform('linux/arm/v7'))),
    secured: await secured.put('team/app', '1', multiArch(['linux/amd64'])),
  };
  const files = open.use(await nodeFiles());
  await files.write('hub.pem', ca.cert);
  await files.write('secured.pem', secured.ca);
  await files.write('daemon.json', JSON.stringify({ 'registry-mirrors': [mirror.registry.url] }));
  const socketPath = join(files.folder, 'pratique.sock');
  const configure: Daemon['configure'] = (section, credentials = {}, cache = {}) =>
    files.configure({
      credentials,
      cache,
      mirrors: { docker: { daemonJson: 'daemon.json' } },
      // A busy machine is not a dead endpoint.
      registry: {
        endpointTimeout: '10s',
        caFiles: ['hub.pem', 'secured.pem'],
        hosts: { 'registry-1.docker.io:443': hub.registry.host },
        ...registry,
      },
      server: { ...listeners, engineApi: { listen: `unix:${socketPath}`, ...section } },
    });
  await configure(engineApi);
  const environment = cleanEnvironment();
  const serving = open.use(await startServing({ configuration: files.configuration, environment }));
  return {
    socketPath,
    serving,
    files,
    mirror,
    hub,
    secured,
    digests,
    configure,
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}

export interface Clients {
  readonly cli: string;
  readonly go: string;
  readonly python: string;
}

const setup = fileURLToPath(new URL('../../../hack/setup-docker-clients.sh', import.meta.url));

export async function dockerClients(): Promise<Clients> {
  const { stdout } = await promisify(execFile)(setup);
  const [cli = '', go = '', python = ''] = stdout.trim().split('\n');
  return { cli, go, python };
}

export interface Ran {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export function run(
  command: string,
  args: readonly string[],
  environment: Record<string, string> = {},
): Promise<Ran> {
  const env = { ...cleanEnvironment(), ...environment };
  return new Promise((resolve) => {
    execFile(command, args, { env, timeout: 60_000 }, (error, stdout, stderr) =>
      resolve({ status: typeof error?.code === 'number' ? error.code : error ? 1 : 0, stdout, stderr }),
    );
  });
}
