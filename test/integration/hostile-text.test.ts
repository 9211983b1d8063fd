/** What registries, pods and files say is shown without control characters, and bounded. */
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { pod } from '../kit/fakes/pods.ts';
import { type Answer, scriptedRegistry } from '../kit/fakes/scripted-registry.ts';
import { admit } from '../kit/pratique/admission.ts';
import { type Finished, pratique } from '../kit/pratique/command.ts';
import { type NodeFiles, nodeFiles } from './support/node-files.ts';
import { startServer } from '../kit/pratique/server.ts';

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

  const cases = Object.keys(answers);
  const images = cases.map((_, n) => `registry-${n}.test/app:1`);
  let node: NodeFiles;
  beforeAll(async () => {
    const registries = await Promise.all(
      Object.values(answers).map((answer) => scriptedRegistry(() => answer)),
    );
    const hosts = registries.map(
      (each, n) => [`registry-${n}.test`, { server: cleanup.use(each).origin }] as const,
    );
    const platforms = { required: ['linux/amd64'] };
    const sections = { log: { level: 'debug' }, policy: { onDenied: 'deny' }, platforms };
    node = cleanup.use(await nodeFiles(Object.fromEntries(hosts), sections));
  });

  test('a table of them all', async () => {
    const table = await pratique(['inspect', '--config', node.configuration, ...images]);
    expectHarmless(table);
    for (const image of images) expect(table.stdout).toContain(image);
    expect(table.stdout.length).toBeLessThan(images.length * 8_192);
  });

  test('as JSON, each of them', async () => {
    const json = await pratique(['inspect', '--config', node.configuration, '-o', 'json', ...images]);
    expectHarmless(json);
    const results = JSON.parse(json.stdout) as readonly { readonly result: string }[];
    for (const [n, result] of results.entries()) {
      expect([cases[n], result.result]).not.toEqual([cases[n], 'available']);
      for (const text of textsIn(result)) expect(text).not.toMatch(controls);
      expect(JSON.stringify(result).length).toBeLessThan(8_192);
    }
  });

  test('at admission: to who creates the pod, and in the log', async () => {
    const server = cleanup.use(await startServer(node.configuration));
    for (const image of images) {
      const { message, warnings } = await admit(server, '/validate', pod('web').container(image).build());
      expect([message, ...warnings].join('')).toContain(image);
      for (const text of textsIn([message, warnings])) expect(text).not.toMatch(controls);
    }
    for (const text of textsIn(server.log)) expect(text).not.toMatch(controls);
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
