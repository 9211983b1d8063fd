/** `inspect --deep` against real registries that lost parts of their images: by garbage collection, by deletion, by a copy that stopped in the middle. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { scriptedRegistry } from '../kit/fakes/scripted-registry.ts';
import { bin, cleanEnvironment, pratique } from '../kit/pratique/command.ts';
import { type RunningRegistry, startRegistry } from '../kit/registries/docker-registry.ts';
import { type Image, multiArch, platform, single } from '../kit/registries/images.ts';
import { push } from '../kit/registries/push.ts';
import { type NodeFiles, nodeFiles } from './support/node-files.ts';

jest.setTimeout(60_000);
const cleanup = new AsyncDisposableStack();
afterAll(() => cleanup.disposeAsync());

const multi = multiArch(['linux/amd64', 'linux/arm64'], { salt: 'multi' });
const alone = single(platform('linux/amd64'), { salt: 'alone' });
const [layer = { digest: '' }, config = { digest: '' }] = alone.blobs;

interface Inspected {
  readonly result: string;
  readonly message: string;
  readonly missingPlatforms: readonly string[];
  readonly warnings: readonly { readonly code: string; readonly message: string }[];
  readonly parts: readonly {
    readonly digest: string;
    readonly kind: string;
    readonly result: string;
    readonly endpoint: string | null;
    readonly via: string | null;
    readonly platform: string | null;
    readonly size: number;
  }[];
  readonly partsMissing: number;
}

let registry: RunningRegistry;
let node: NodeFiles;

async function put(image: Image, repository: string, to = registry): Promise<void> {
  await push(to, repository, '1', image);
}

/** Deletes a blob as any client may. */
async function lose(repository: string, digest: string, from = registry): Promise<void> {
  const answer = await fetch(`${from.url}/v2/${repository}/blobs/${digest}`, { method: 'DELETE' });
  if (answer.status !== 202) throw new Error(`${answer.status} ${await answer.text()}`);
}

async function deep(repository: string, ...options: readonly string[]) {
  const image = `registry.test/${repository}:1`;
  const args = ['inspect', '--config', node.configuration, '-o', 'json', '--deep', ...options, image];
  const { status, stdout, stderr } = await pratique(args);
  const [inspected] = JSON.parse(stdout) as Inspected[];
  if (!inspected) throw new Error(stderr);
  return { status, ...inspected };
}

beforeAll(async () => {
  registry = cleanup.use(await startRegistry());
  node = cleanup.use(await nodeFiles({ 'registry.test': { server: registry.url } }));
});

test('an image of which every part is there is available', async () => {
  await put(multi, 'whole');
  const found = await deep('whole');
  expect(found).toMatchObject({ status: 0, result: 'available', partsMissing: 0, warnings: [] });
  // The index, and manifest, configuration and layer of each platform.
  expect(found.parts.map(({ kind }) => kind)).toEqual([
    'manifest',
    'manifest',
    'manifest',
    'config',
    'layer',
    'config',
    'layer',
  ]);
  expect(new Set(found.parts.map(({ result }) => result))).toEqual(new Set(['available']));
});

test('--platform narrows what is looked for', async () => {
  await put(multi, 'narrow');
  const { parts } = await deep('narrow', '--platform', 'linux/arm64');
  expect(parts.map((part) => `${part.kind} ${part.platform ?? '-'} ${part.via}`)).toEqual([
    'manifest - get',
    'manifest linux/arm64 get',
    'config linux/arm64 head',
    'layer linux/arm64 head',
  ]);
});

test('a deleted layer makes the image incomplete', async () => {
  await put(alone, 'layerless');
  await lose('layerless', layer.digest);
  const found = await deep('layerless');
  expect(found).toMatchObject({ status: 1, result: 'not-found', partsMissing: 1 });
  expect(found.message).toContain(
    `is incomplete, its layer ${layer.digest} is missing: upstream ${registry.url}/v2 answered 404`,
  );
  expect(found.message).toContain('BLOB_UNKNOWN');
});

test('without --deep, an image without its layer is available', async () => {
  await put(alone, 'shallow');
  await lose('shallow', layer.digest);
  const { status } = await pratique(['inspect', '--config', node.configuration, 'registry.test/shallow:1']);
  expect(status).toBe(0);
});

test('a deleted configuration of an index entry makes the image incomplete', async () => {
  await put(multi, 'configless');
  const [, lost = { digest: '' }] = multi.blobs;
  await lose('configless', lost.digest);
  const found = await deep('configless');
  expect(found).toMatchObject({ status: 1, result: 'not-found', partsMissing: 1 });
  expect(found.message).toContain(`its config ${lost.digest} is missing`);
});

test('a deleted configuration of a single image is missing with --deep and without', async () => {
  await put(alone, 'bare');
  await lose('bare', config.digest);
  expect(await deep('bare')).toMatchObject({ status: 1, result: 'not-found' });
});

test("the registry's garbage collection takes the children of an index, and --deep says which platforms", async () => {
  await using collected = await startRegistry();
  await put(multi, 'collected', collected);
  await collected.collectGarbage();
  await using files = await nodeFiles({ 'registry.test': { server: collected.url } });
  const args = ['inspect', '--config', files.configuration, '-o', 'json', 'registry.test/collected:1'];
  expect((await pratique(args)).status).toBe(0);
  const { status, stdout } = await pratique([...args, '--deep', '--platform', 'linux/arm64']);
  const [found] = JSON.parse(stdout) as Inspected[];
  expect({ status, ...found }).toMatchObject({
    status: 1,
    result: 'platform-missing',
    missingPlatforms: ['linux/arm64'],
    partsMissing: 1,
  });
  expect(found?.message).toMatch(/is incomplete, its manifest sha256:[0-9a-f]+ of linux\/arm64 is missing/);
});

test('Ctrl-C ends it with exit status 130 and nothing on stdout', async () => {
  await using silent = await scriptedRegistry(() => ({ fault: 'silence' }));
  const child = spawn(bin, ['inspect', '--deep', '-o', 'json', `${silent.host}/team/app:1`], {
    env: cleanEnvironment(),
  });
  let stdout = '';
  child.stdout.on('data', (chunk: Buffer) => void (stdout += chunk.toString()));
  const closed = once(child, 'close');
  while (silent.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  child.kill('SIGINT');
  expect([...(await closed), stdout]).toEqual([130, null, '']);
});

describe('a mirror that lacks a layer which its upstream has', () => {
  let mirror: RunningRegistry;
  beforeAll(async () => {
    mirror = cleanup.use(await startRegistry());
    await put(alone, 'mirrored');
    await put(alone, 'mirrored', mirror);
    await lose('mirrored', layer.digest, mirror);
    await node.hosts('registry.test', { server: registry.url, mirrors: [mirror.url] });
  });

  test('is told, and nodes take the layer from the upstream', async () => {
    const found = await deep('mirrored');
    expect(found).toMatchObject({ status: 0, result: 'available', partsMissing: 0 });
    expect(found.warnings).toEqual([
      {
        code: 'PartElsewhere',
        message: `mirror ${mirror.url}/v2 lacks 1 part of it (layer ${layer.digest.slice(0, 19)}); nodes take it from ${registry.url}/v2`,
        source: null,
      },
    ]);
    const places = found.parts.map(({ kind, endpoint }) => `${kind} ${endpoint}`);
    expect(places).toEqual([
      `manifest ${mirror.url}/v2`,
      `config ${mirror.url}/v2`,
      `layer ${registry.url}/v2`,
    ]);
  });

  test('--deep=read reads every byte from where the node would', async () => {
    const image = 'registry.test/mirrored:1';
    const args = ['inspect', '--config', node.configuration, '-o', 'json', '--deep=read', image];
    const { status, stdout } = await pratique(args);
    const [found] = JSON.parse(stdout) as Inspected[];
    expect({ status, result: found?.result }).toEqual({ status: 0, result: 'available' });
    expect(found?.parts.map(({ via }) => via)).toEqual(['get', 'get', 'get']);
  });

  test('a summary for people fits 80 columns', async () => {
    const args = ['inspect', '--config', node.configuration, '--deep', 'registry.test/mirrored:1'];
    const { stdout } = await pratique(args);
    const summary = stdout.split('\n').filter((line) => /parts {2}|^ {13}\d/.test(line));
    expect(summary.map((line) => line.replace(/127\.0\.0\.1:\d+/, 'HOST'))).toEqual([
      expect.stringMatching(/^ {2}parts {6}3 of 3 found, [\d.]+ (?:B|KiB)$/),
      '             2 at http://HOST/v2',
      '             1 at http://HOST/v2',
    ]);
    for (const line of summary) expect(line.length).toBeLessThanOrEqual(80);
  });
});
