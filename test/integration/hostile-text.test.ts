/** What registries, pods and files say is shown without control characters and bounded; what is secret is not shown at all. */
import { afterAll, describe, expect, jest, test } from '@jest/globals';
import { pod } from '../fakes/pods.ts';
import { type Answer, type ScriptedRegistry, scriptedRegistry } from '../fakes/scripted-registry.ts';
import { admit } from './support/admission.ts';
import { type Finished, pratique } from './support/command.ts';
import { type NodeFiles, nodeFiles } from './support/node-files.ts';
import { startServer } from './support/server.ts';
import { dockerConfig, login, passwordStand, tokenStand } from './support/stands.ts';

jest.setTimeout(60_000);
const cleanup = new AsyncDisposableStack();
afterAll(() => cleanup.disposeAsync());

// Colours, the title of the window, the clearing of the screen; by one byte too; and what turns the reading direction.
const evil = '\u001b[31mred\u001b]0;title\u0007\u001b[2J\u009b31m\u0085\u202eesrever\u2028\r\n';
const controls = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/;

function expectHarmless({ stdout, stderr }: Pick<Finished, 'stdout' | 'stderr'>): void {
  expect(stdout).not.toMatch(controls);
  expect(stderr).not.toMatch(controls);
}

/** Every text in a JSON document. */
function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, each]) => [key, ...textsIn(each)]);
}

async function hostile(answer: Answer): Promise<{ registry: ScriptedRegistry; node: NodeFiles }> {
  const registry = cleanup.use(await scriptedRegistry(() => answer));
  return { registry, node: cleanup.use(await nodeFiles({ 'registry.test': { server: registry.origin } })) };
}

const index = 'application/vnd.oci.image.index.v1+json';
const errors = (message: string) => ({ errors: [{ code: `DENIED${evil}`, message }] });
const entry = { mediaType: index, digest: `sha256:${'a'.repeat(64)}`, size: 1 };
const manifest = {
  schemaVersion: 2,
  mediaType: index,
  manifests: [
    { ...entry, platform: { os: `linux${evil}`, architecture: evil, 'os.version': evil, variant: evil } },
  ],
};

describe('a registry that sends control characters', () => {
  const answers: Readonly<Record<string, Answer>> = {
    'in its error message': { status: 403, body: errors(evil) },
    'in a 404': { status: 404, body: errors(evil) },
    'in a page instead of an answer': {
      status: 404,
      headers: { 'content-type': 'text/html' },
      body: `<${evil}`,
    },
    'in an index': { headers: { 'content-type': index }, body: manifest },
    'in a media type': {
      headers: { 'content-type': index },
      body: { ...manifest, mediaType: `${index}${evil}` },
    },
    'in an artifact': {
      headers: { 'content-type': 'application/vnd.oci.image.manifest.v1+json' },
      body: { schemaVersion: 2, artifactType: evil, config: { ...entry, mediaType: evil }, layers: [] },
    },
    'in a redirect': { status: 307, headers: { location: 'ftp://\u0080\u009b31m/' } },
    'a million times': { status: 403, body: errors(evil.repeat(60_000)) },
  };

  test.concurrent.each(Object.entries(answers))('%s', async (_, answer) => {
    const { node } = await hostile(answer);
    const args = [
      'inspect',
      '--config',
      node.configuration,
      '--platform',
      'linux/amd64',
      'registry.test/app:1',
    ];
    const [table, json] = await Promise.all([pratique(args), pratique([...args, '-o', 'json'])]);
    for (const finished of [table, json]) {
      expectHarmless(finished);
      expect(finished.stdout).not.toBe('');
      expect(finished.stdout.length).toBeLessThan(16_384);
    }
    for (const text of textsIn(JSON.parse(json.stdout))) expect(text).not.toMatch(controls);
  });

  test.concurrent.each(Object.entries(answers))('%s, and a pod waits for the verdict', async (_, answer) => {
    const { node } = await hostile(answer);
    const platforms = { required: ['linux/amd64'] };
    await node.configure({ log: { level: 'debug' }, policy: { onDenied: 'deny' }, platforms });
    const server = cleanup.use(await startServer(node.configuration));
    const { message, warnings } = await admit(
      server,
      '/validate',
      pod('web').container('registry.test/app:1').build(),
    );
    expect([message, ...warnings].join('')).not.toBe('');
    for (const text of textsIn([message, warnings, server.log])) expect(text).not.toMatch(controls);
  });
});

describe('a person who writes control characters', () => {
  test.concurrent.each<[string, readonly string[]]>([
    ['in an image', ['inspect', `nginx:${evil}`]],
    ['in an image, for JSON', ['endpoints', '-o', 'json', `nginx:${evil}`]],
    ['in a verb', [`check${evil}`]],
    ['in an option', ['inspect', `--${evil}`, 'nginx']],
    ['in a path', ['check', '-f', `/nowhere/${evil}`]],
    ['in the path of a configuration', ['inspect', '--config', `/nowhere/${evil}`, 'nginx']],
  ])('%s', async (_, args) => {
    expectHarmless(await pratique(args));
  });

  test.concurrent('in a manifest', async () => {
    const object = pod(`web${evil}`)
      .meta('namespace', evil)
      .container(`nginx:${evil}`, { name: evil })
      .build();
    const [table, json] = await Promise.all(
      [[], ['-o', 'json']].map((args) =>
        pratique(['check', '-f', '-', ...args], { stdin: JSON.stringify(object) }),
      ),
    );
    for (const finished of [table, json]) {
      expect(finished?.status).toBe(1);
      if (finished) expectHarmless(finished);
    }
  });
});

describe('secrets', () => {
  const { username, password } = login;
  const auth = Buffer.from(`${username}:${password}`).toString('base64');
  const expectKept = (said: string) => {
    for (const secret of [password, auth]) expect(said).not.toContain(secret);
  };

  test.concurrent.each([
    ['a registry that wants a password and gets another', passwordStand],
    ['a token server that knows another password', () => tokenStand(['team/app'])],
  ])('%s', async (_, start) => {
    const stand = cleanup.use(await start());
    const wrong = Buffer.from(`${username}:${password}-but-wrong`).toString('base64');
    const node = cleanup.use(
      await nodeFiles(
        { 'registry.test': { server: stand.registry.url } },
        {
          credentials: { dockerConfig: 'docker.json' },
          log: { level: 'debug' },
          policy: { onDenied: 'deny' },
        },
      ),
    );
    await node.write('docker.json', dockerConfig(stand.registry.host, wrong));
    const images = ['--config', node.configuration, 'registry.test/team/app:1'];
    for (const args of [
      ['inspect', ...images],
      ['inspect', '-o', 'json', ...images],
      ['endpoints', ...images],
    ]) {
      const { stdout, stderr } = await pratique(args);
      expectKept(stdout + stderr);
    }
    const server = cleanup.use(await startServer(node.configuration));
    const answer = await admit(server, '/validate', pod('web').container('registry.test/team/app:1').build());
    expectKept(
      JSON.stringify([answer, server.log]) +
        server.stderr +
        (await (await fetch(`${server.metricsUrl}/metrics`)).text()),
    );
  });

  test.concurrent('a registry that says back what it was sent', async () => {
    const registry = cleanup.use(
      await scriptedRegistry(({ headers: { authorization } }) =>
        authorization === undefined
          ? { status: 401, headers: { 'www-authenticate': 'Basic realm="echo"' } }
          : { status: 403, body: errors(`nobody has ${authorization}`) },
      ),
    );
    const credentials = { dockerConfig: 'docker.json' };
    const node = cleanup.use(
      await nodeFiles({ 'registry.test': { server: registry.origin } }, { credentials }),
    );
    await node.write('docker.json', dockerConfig(registry.host));
    const { stdout } = await pratique([
      'inspect',
      '--config',
      node.configuration,
      'registry.test/team/app:1',
    ]);
    expect(stdout).toContain('nobody has Basic [redacted]');
    expectKept(stdout);
  });

  test.concurrent.each([
    ['a docker config that breaks off', `{"auths":{"registry.test":{"auth":"${auth}"`],
    [
      'a docker config with an entry that is no credential',
      `{"auths":{"registry.test":{"auth":"${password}"}}}`,
    ],
    [
      'a docker config with a number for a name',
      `{"auths":{"registry.test":{"username":1,"password":"${password}"}}}`,
    ],
    ['a docker config that is only a password', password],
  ])('%s', async (_, text) => {
    const node = cleanup.use(await nodeFiles({}, { credentials: { dockerConfig: 'docker.json' } }));
    await node.write('docker.json', text);
    const { status, stdout, stderr } = await pratique(['inspect', '--config', node.configuration, 'scratch']);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain('docker.json');
    expectKept(stderr);
  });

  test.concurrent('the password of a proxy', async () => {
    const proxy = {
      https: `http://${username}:${password}@127.0.0.1:9`,
      http: `http://${username}:${password}@127.0.0.1:9`,
    };
    const node = cleanup.use(await nodeFiles({}, { registry: { proxy } }));
    const image = ['--config', node.configuration, 'registry.test/team/app:1'];
    for (const args of [
      ['endpoints', ...image],
      ['endpoints', '-o', 'json', ...image],
      ['inspect', '-o', 'json', ...image],
    ]) {
      const { stdout, stderr } = await pratique(args);
      expect(stdout).toContain(args[0] === 'inspect' ? 'unavailable' : 'http://127.0.0.1:9');
      expectKept(stdout + stderr);
    }
  });

  test.concurrent('a proxy that is no URL, but has a password', async () => {
    const node = cleanup.use(
      await nodeFiles({}, { registry: { proxy: { https: `${username}:${password}@proxy` } } }),
    );
    const { status, stdout, stderr } = await pratique(['endpoints', '--config', node.configuration, 'nginx']);
    expect([status, stdout]).toEqual([2, '']);
    expectKept(stderr);
  });

  test.concurrent('credentials and headers in the mirror configuration', async () => {
    const { registry, node } = await hostile({ status: 500 });
    await node.write(
      'certs.d/registry.test/hosts.toml',
      `server = "http://${username}:${password}@${registry.host}"\n[header]\nx-token = "${password}"\n[host]\n`,
    );
    const images = ['--config', node.configuration, 'registry.test/team/app:1'];
    for (const args of [
      ['inspect', ...images],
      ['inspect', '-o', 'json', ...images],
      ['endpoints', '-o', 'json', ...images],
    ]) {
      const { stdout, stderr } = await pratique(args);
      expect(stdout).toContain(`http://${registry.host}/v2`);
      expectKept(stdout + stderr);
    }
  });
});
