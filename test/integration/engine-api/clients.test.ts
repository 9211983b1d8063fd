/** Docker's own clients, as people have them, against `pratique serve`: an empty mirror first, and the answer from the registry behind it. */
import { createServer, request as send, type Server } from 'node:http';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import Docker from 'dockerode';
import { type Clients, type Daemon, dockerClients, login, run, startDaemon } from './daemon.ts';

jest.setTimeout(120_000);
const cleanup = new AsyncDisposableStack();
afterAll(() => cleanup.disposeAsync());

let daemon: Daemon;
let clients: Clients;
beforeAll(async () => {
  clients = await dockerClients();
  daemon = cleanup.use(await startDaemon());
});

const platforms = [
  { architecture: 'amd64', os: 'linux' },
  { architecture: 'arm64', os: 'linux', variant: 'v8' },
];

function secured(): string {
  return `${daemon.secured.registry.host}/team/app:1`;
}

/** What the registries were asked, of the image. */
async function asked(): Promise<{ readonly mirror: number; readonly hub: number }> {
  const [mirror, hub] = await Promise.all([daemon.mirror.registry.takeLog(), daemon.hub.registry.takeLog()]);
  return { mirror: mirror.length, hub: hub.length };
}

describe('curl', () => {
  test('asks by the line of the scenario, and the empty mirror comes first', async () => {
    await asked();
    const { stdout } = await run('curl', [
      '-s',
      '--unix-socket',
      daemon.socketPath,
      'http://localhost/v1.43/distribution/docker.io/library/hello-world:latest/json',
    ]);
    expect(JSON.parse(stdout)).toMatchObject({
      Descriptor: {
        mediaType: 'application/vnd.oci.image.index.v1+json',
        digest: daemon.digests.hello,
      },
      Platforms: platforms,
    });
    const requests = await asked();
    expect(requests.mirror).toBeGreaterThan(0);
    expect(requests.hub).toBeGreaterThan(0);
  });
});

describe('dockerode', () => {
  const docker = () => new Docker({ socketPath: daemon.socketPath });

  test('reads digest and platforms', async () => {
    expect(await docker().getImage('hello-world').distribution()).toMatchObject({
      Descriptor: { digest: daemon.digests.hello },
      Platforms: platforms,
    });
  });

  test('reads the platform of a single manifest, which dockerd forgets', async () => {
    expect(await docker().getImage('single:1').distribution()).toMatchObject({
      Platforms: [{ architecture: 'arm', os: 'linux', variant: 'v7' }],
    });
  });

  test('gets the status and the words of an image that is nowhere', async () => {
    await expect(docker().getImage('hello-world:nosuch').distribution()).rejects.toMatchObject({
      statusCode: 404,
      json: { message: expect.stringMatching(/^manifest unknown: .*mirror .*upstream /s) as unknown },
    });
  });

  test('sends its credential to the registry of the image, and is refused without one', async () => {
    const image = docker().getImage(secured());
    await expect(image.distribution()).rejects.toMatchObject({
      statusCode: 401,
      json: { message: expect.stringMatching(/^unauthorized: /) as unknown },
    });
    expect(await image.distribution({ authconfig: login })).toMatchObject({
      Descriptor: { digest: daemon.digests.secured },
    });
    // What one client may see is not told to the next.
    await expect(image.distribution()).rejects.toMatchObject({ statusCode: 401 });
  });

  test('knows the server by its version', async () => {
    expect(await docker().version()).toMatchObject({ ApiVersion: '1.51', Os: 'linux' });
    expect(String(await docker().ping())).toBe('OK');
  });
});

describe('docker-py', () => {
  const python = (program: string, ...args: string[]) =>
    run(clients.python, ['-c', program, `unix://${daemon.socketPath}`, ...args], {
      HOME: daemon.files.folder,
    });

  const inspect = `
import json, sys, docker
client = docker.DockerClient(base_url=sys.argv[1])
data = client.images.get_registry_data(sys.argv[2])
print(json.dumps([data.id, data.attrs["Platforms"], [data.has_platform(p) for p in sys.argv[3:]]]))`;

  test('reads digest and platforms, and finds a platform among them', async () => {
    const { stdout, stderr } = await python(
      inspect,
      'hello-world',
      'linux/amd64',
      'linux/arm64/v8',
      'linux/s390x',
    );
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual([daemon.digests.hello, platforms, [true, true, false]]);
  });

  test('reads an image by its digest, whose @ it encodes', async () => {
    const { stdout } = await python(inspect, `hello-world@${daemon.digests.hello}`);
    expect(JSON.parse(stdout)).toEqual([daemon.digests.hello, platforms, []]);
  });

  test('says that an image is not found', async () => {
    const { status, stderr } = await python(inspect, 'hello-world:nosuch');
    expect(status).toBe(1);
    expect(stderr).toMatch(/docker\.errors\.NotFound: 404 .*manifest unknown: /);
  });

  test('sends the credential of its docker config', async () => {
    const auth = Buffer.from(`${login.username}:${login.password}`).toString('base64');
    await daemon.files.write(
      '.docker/config.json',
      JSON.stringify({ auths: { [daemon.secured.registry.host]: { auth } } }),
    );
    const { stdout, stderr } = await python(inspect, secured());
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual([daemon.digests.secured, platforms.slice(0, 1), []]);
  });
});

describe("Docker's Go client", () => {
  const go = (...args: string[]) => run(clients.go, [`unix://${daemon.socketPath}`, ...args]);

  test('reads digest and platforms', async () => {
    const { stdout, stderr } = await go('hello-world');
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toMatchObject({
      Descriptor: { digest: daemon.digests.hello },
      Platforms: platforms,
    });
  });

  test('shows the message of an error, not the JSON around it', async () => {
    const { status, stderr } = await go('hello-world:nosuch');
    expect(status).toBe(1);
    expect(stderr).toContain('manifest unknown: docker.io/library/hello-world:nosuch does not exist');
    expect(stderr).not.toContain('{');
  });

  test('sends its credential', async () => {
    const auth = Buffer.from(JSON.stringify(login))
      .toString('base64')
      .replaceAll('+', '-')
      .replaceAll('/', '_');
    expect((await go(secured())).stderr).toContain('unauthorized: ');
    expect(JSON.parse((await go(secured(), auth)).stdout)).toMatchObject({
      Descriptor: { digest: daemon.digests.secured },
    });
  });
});

interface Created {
  readonly Labels?: Readonly<Record<string, string>>;
  readonly TaskTemplate: {
    readonly ContainerSpec: { readonly Image: string };
    readonly Placement: {
      readonly Platforms: readonly { readonly Architecture: string; readonly OS: string }[];
    };
  };
}

interface Swarm extends AsyncDisposable {
  readonly socketPath: string;
  readonly requests: readonly string[];
  readonly created: readonly Created[];
}

/** Everything is Pratique's but the creation of services, which a daemon with swarm would answer. */
async function swarmBefore({ socketPath, files }: Daemon): Promise<Swarm> {
  const requests: string[] = [];
  const created: Created[] = [];
  const server: Server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      if (request.method === 'POST' && request.url?.endsWith('/services/create')) {
        created.push(JSON.parse(Buffer.concat(chunks).toString()) as Created);
        response.writeHead(201, { 'content-type': 'application/json' }).end('{"ID":"created"}');
        return;
      }
      const { method, url, headers } = request;
      send({ socketPath, method, path: url, headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 0, answer.rawHeaders);
        answer.pipe(response);
      }).end(Buffer.concat(chunks));
    });
  });
  const path = join(files.folder, 'swarm.sock');
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return {
    socketPath: path,
    requests,
    created,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

describe("Debian's docker CLI", () => {
  test('creates a service of the digest and the platforms that it was told', async () => {
    await using swarm = await swarmBefore(daemon);
    const { stdout, stderr, status } = await run(
      clients.cli,
      ['-H', `unix://${swarm.socketPath}`, 'service', 'create', '--detach', '--name', 'web', 'hello-world'],
      { HOME: daemon.files.folder },
    );
    expect([status, stdout.trim(), stderr]).toEqual([0, 'created', '']);
    expect(swarm.requests[0]).toBe('HEAD /_ping');
    expect(swarm.requests).toContainEqual(
      expect.stringMatching(/^GET \/v1\.\d+\/distribution\/hello-world:latest\/json$/),
    );
    expect(swarm.created[0]?.TaskTemplate).toMatchObject({
      ContainerSpec: { Image: `hello-world:latest@${daemon.digests.hello}` },
      Placement: {
        Platforms: [
          { Architecture: 'amd64', OS: 'linux' },
          { Architecture: 'arm64', OS: 'linux' },
        ],
      },
    });
  });

  test('sends the credential of its docker config on request', async () => {
    await using swarm = await swarmBefore(daemon);
    const auth = Buffer.from(`${login.username}:${login.password}`).toString('base64');
    await daemon.files.write(
      '.docker/config.json',
      JSON.stringify({ auths: { [daemon.secured.registry.host]: { auth } } }),
    );
    const { status, stderr } = await run(
      clients.cli,
      [
        '-H',
        `unix://${swarm.socketPath}`,
        'service',
        'create',
        '--detach',
        '--with-registry-auth',
        secured(),
      ],
      { HOME: daemon.files.folder },
    );
    expect([status, stderr]).toEqual([0, '']);
    expect(swarm.created[0]?.TaskTemplate.ContainerSpec.Image).toBe(`${secured()}@${daemon.digests.secured}`);
  });

  test('warns that an image has no digest when it is nowhere', async () => {
    await using swarm = await swarmBefore(daemon);
    const { stderr } = await run(
      clients.cli,
      ['-H', `unix://${swarm.socketPath}`, 'service', 'create', '--detach', 'hello-world:nosuch'],
      { HOME: daemon.files.folder },
    );
    expect(stderr).toContain('could not be accessed on a registry to record');
    expect(swarm.created[0]?.TaskTemplate.ContainerSpec.Image).toBe('hello-world:nosuch');
  });
});

test('the log has no credential of a client', () => {
  const log = JSON.stringify(daemon.serving.log) + daemon.serving.stderr;
  expect(log).toContain('"started"');
  const header = Buffer.from(JSON.stringify(login)).toString('base64').slice(0, 40);
  for (const secret of [login.password, header]) expect(log).not.toContain(secret);
});

test('the document is served as it is written', async () => {
  const { stdout } = await run('curl', [
    '-s',
    '--unix-socket',
    daemon.socketPath,
    'http://localhost/openapi.yaml',
  ]);
  const written = new URL('../../../src/serve/engine-api/openapi.yaml', import.meta.url);
  expect(stdout).toBe(readFileSync(written, 'utf8'));
});
