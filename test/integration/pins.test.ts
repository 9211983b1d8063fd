/** Every pin names content that the registry really has, and a second pass finds nothing left to do. */
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { multiArch, sha256 } from '../kit/registries/images.ts';
import { deployment, type Json, pod } from '../kit/fakes/pods.ts';
import { applied } from '../unit/judge/workload/json-patch.ts';
import { type Admitted, admit, type Path } from '../kit/pratique/admission.ts';
import { kinds, tagOf } from '../kit/registries/image-kinds.ts';
import { nodeFiles } from './support/node-files.ts';
import { type Server, startServer } from '../kit/pratique/server.ts';
import { plainStand, type Stand } from '../kit/registries/registry-fixtures.ts';

jest.setTimeout(60_000);
const cleanup = new AsyncDisposableStack();
afterAll(() => cleanup.disposeAsync());

let stand: Stand;
let server: Server;
/** The same registry and node, but templates are pinned too. */
let templates: Server;

const repository = 'team/kinds';
const imageOf = (tag: string) => `registry.test/${repository}:${tag}`;
const web = imageOf('multi-arch-index');

beforeAll(async () => {
  stand = cleanup.use(await plainStand());
  for (const kind of kinds) await stand.put(repository, tagOf(kind), kind.image);
  const hosts = { 'registry.test': { server: stand.registry.url } };
  const [pods, all] = [
    cleanup.use(await nodeFiles(hosts)),
    cleanup.use(await nodeFiles(hosts, { policy: { pin: 'templates' }, cache: { tagTTL: '0s' } })),
  ];
  server = cleanup.use(await startServer(pods.configuration));
  templates = cleanup.use(await startServer(all.configuration));
});

type Options = Parameters<typeof admit>[3];

function pinsIn(patch: Admitted['patch']): readonly string[] {
  return patch.flatMap(({ value }) =>
    typeof value === 'string' && value.includes('@sha256:') && !value.startsWith('{') ? [value] : [],
  );
}

/** Is there content at the registry under the digest of `pin` whose hash is that digest? */
async function expectThere(pin: string): Promise<void> {
  const digest = pin.slice(pin.indexOf('@') + 1);
  const accept = kinds.map(({ mediaType }) => mediaType).join(', ');
  const answer = await fetch(`${stand.registry.url}/v2/${repository}/manifests/${digest}`, {
    headers: { accept },
  });
  expect(sha256(Buffer.from(await answer.arrayBuffer()))).toBe(digest);
}

/** Mutates, applies, and mutates again, as `reinvocationPolicy: IfNeeded` does; gives the object that is stored. */
async function pinned(
  object: Json,
  by = server,
  options: Options = {},
): Promise<{ pins: readonly string[]; stored: Json }> {
  const first = await admit(by, '/mutate', object, options);
  const pins = pinsIn(first.patch);
  for (const pin of pins) await expectThere(pin);
  const stored = applied(object, first.patch as Parameters<typeof applied>[1]);
  expect((await admit(by, '/mutate', stored, options)).patch).toEqual([]);
  const verdict = await admit(by, '/validate', stored, options);
  expect(verdict).toMatchObject({ allowed: true, warnings: [] });
  return { pins, stored };
}

describe('a pod', () => {
  test.each(kinds.filter(({ result }) => result === undefined))('of $name', async (kind) => {
    const { pins } = await pinned(
      pod('web')
        .container(imageOf(tagOf(kind)))
        .build(),
    );
    expect(pins).toEqual([`${imageOf(tagOf(kind))}@${kind.image.root.digest}`]);
  });

  test('with every place for an image', async () => {
    const everywhere = pod('web')
      .container(web)
      .container(web)
      .init(imageOf('single-amd64'))
      .imageVolume(imageOf('artifact'));
    const { pins, stored } = await pinned(everywhere.build());
    expect(pins).toHaveLength(4);
    const originals = (stored['metadata'] as { annotations: Record<string, string> }).annotations[
      'pratique.dev/original-images'
    ];
    expect(JSON.parse(originals ?? '')).toEqual({
      c0: web,
      c1: web,
      init0: imageOf('single-amd64'),
      'volume:v0': imageOf('artifact'),
    });
  });

  test('with an ephemeral container: its image, and nothing else is touched', async () => {
    const oldObject = pod('web').container(web).build();
    const object = pod('web').container(web).ephemeral(imageOf('single-amd64')).build();
    const options = { operation: 'UPDATE', subResource: 'ephemeralcontainers', oldObject };
    const { patch } = await admit(server, '/mutate', object, options);
    expect(patch.map(({ path }) => path)).toEqual(['/spec/ephemeralContainers/0/image']);
    await pinned(object, server, options);
  });

  test('that was pinned by hand keeps what was written', async () => {
    const byHand = `${web}@${kinds[0]?.image.root.digest}`;
    const { stored } = await pinned(pod('web').container(byHand).build());
    expect((stored['spec'] as { containers: { image: string }[] }).containers[0]?.image).toBe(byHand);
  });

  test.each<[string, Path]>([
    ['is not pinned', '/mutate'],
    ['is denied', '/validate'],
  ])('that would run an artifact %s', async (_, path) => {
    const answer = await admit(server, path, pod('web').container(imageOf('artifact')).build());
    expect([pinsIn(answer.patch), answer.allowed]).toEqual([[], path === '/mutate']);
  });
});

describe('a template, where the policy pins them', () => {
  const template = pod('t').container(web).init(imageOf('single-amd64')).template();
  const workload = (apiVersion: string, kind: string, spec: Json): Json => ({
    apiVersion,
    kind,
    metadata: { name: 'web', namespace: 'shop' },
    spec,
  });
  test.each<[string, Json]>([
    ['Deployment', workload('apps/v1', 'Deployment', { template })],
    ['StatefulSet', workload('apps/v1', 'StatefulSet', { template })],
    ['DaemonSet', workload('apps/v1', 'DaemonSet', { template })],
    ['Job', workload('batch/v1', 'Job', { template })],
    ['CronJob', workload('batch/v1', 'CronJob', { jobTemplate: { spec: { template } } })],
  ])('of a %s', async (_, object) => {
    const { pins } = await pinned(object, templates);
    expect(pins).toHaveLength(2);
  });

  test('keeps its pin when the same manifest is applied again after the tag has moved', async () => {
    await stand.put(repository, 'moving', multiArch(['linux/amd64'], { salt: 'before' }));
    const manifest = deployment('web', pod('t').container(imageOf('moving')));
    const { pins, stored } = await pinned(manifest, templates);
    await stand.put(repository, 'moving', multiArch(['linux/amd64'], { salt: 'after' }));
    const again = await pinned(manifest, templates, { operation: 'UPDATE', oldObject: stored });
    expect(again).toEqual({ pins, stored });
    const fresh = await pinned(manifest, templates);
    expect(fresh.pins).not.toEqual(pins);
  });
});
