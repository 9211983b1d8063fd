/** The ImageInspection on a real API server: what it takes and refuses, and what people see of it with kubectl. */
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { apply } from '../../kit/cluster/apply.ts';
import { type ControlPlane, startControlPlane } from '../../kit/cluster/control-plane/control-plane.ts';
import { kubectl, must } from '../../kit/cluster/kubectl.ts';
import { type Fields, fields, items } from '../../../src/util/unstructured.ts';
import { buildInspection, buildStatusUpdate } from '../../../src/watch/api/apply.ts';
import { type ImageInspection, readInspection } from '../../../src/watch/api/parse-inspection.ts';
import type { StatusInputs } from '../../../src/watch/controller/status/inputs.ts';
import { buildStatus } from '../../../src/watch/controller/status/build-status.ts';
import { applyStatus, createObject } from '../../../src/watch/kubernetes/writes.ts';
import { type Connection, connect } from '../../../src/watch/kubernetes/client/client.ts';
import { imageInspections } from '../../../src/watch/kubernetes/resource.ts';
import { inspectionOf } from '../../unit/judge/scripted-inspector.ts';
import { attempt, digest, inputs, judged, running, seen } from '../../unit/watch/controller/status/inputs.ts';
import { clusterSuite, patienceMs } from './support/suite.ts';

const describe = await clusterSuite();
jest.setTimeout(patienceMs);

const folder = new URL('../../../crds/', import.meta.url);
const definition = readFileSync(new URL('imageinspections.pratique.dev.yaml', folder), 'utf8');
const samples = readdirSync(new URL('samples/', folder)).filter((name) => name.endsWith('.yaml'));

let cluster: ControlPlane;
let api: Connection;

const wrong = (spec: string): string =>
  `apiVersion: pratique.dev/v1alpha1\nkind: ImageInspection\nmetadata: { name: wrong, namespace: shop }\nspec: ${spec}\n`;
const list = (length: number, item: (index: number) => string): string =>
  `[${Array.from({ length }, (_, index) => item(index)).join(', ')}]`;

/** Makes the object of an image, as the controller does. */
async function made(name: string, image: string, namespace = 'shop'): Promise<ImageInspection> {
  return readBack(await createObject(api, imageInspections, buildInspection(namespace, name, image)));
}

function readBack(object: Fields): ImageInspection {
  const read = readInspection(object);
  if (!read) throw new Error('the API server gave something that cannot be read');
  return read;
}

/** Writes the status that comes of `changes`, and gives it is stored. */
async function written(
  object: ImageInspection,
  changes: Partial<StatusInputs> = {},
): Promise<ImageInspection> {
  const { image } = object.spec;
  const status = buildStatus({ ...inputs({ image, now: Date.now() }), ...changes, object });
  const stored = readBack(await applyStatus(api, imageInspections, buildStatusUpdate(object, status)));
  expect(stored.status).toEqual(status);
  return stored;
}

/** Cells by column. */
function table(output: string): readonly Readonly<Record<string, string>>[] {
  const [head = '', ...rows] = output.trimEnd().split('\n');
  const starts = [...head.matchAll(/\S+/g)].map(({ index }) => index);
  const cells = (row: string): string[] => starts.map((start, at) => row.slice(start, starts[at + 1]).trim());
  return rows.map((row) => Object.fromEntries(cells(head).map((name, at) => [name, cells(row)[at] ?? ''])));
}

const many = (count: number, prefix: string) =>
  Array.from({ length: count }, (_, index) => running(`${prefix}${index}`, { running: digest('old') }));

describe('the ImageInspection on a real API server', () => {
  beforeAll(async () => {
    cluster = await startControlPlane({ controllers: false });
    api = connect({ kubeconfig: cluster.kubeconfig, environment: {}, userAgent: 'pratique/test' });
    await must(cluster.kubeconfig, ['create', 'namespace', 'shop']);
    await apply(cluster.kubeconfig, definition);
  });

  afterAll(async () => {
    await api?.close();
    await cluster?.stop();
  });

  test('its definition is accepted as it is: structural, its rules within their budget', async () => {
    const conditions = await must(cluster.kubeconfig, [
      'get',
      'crd',
      'imageinspections.pratique.dev',
      '-o',
      'jsonpath={range .status.conditions[*]}{.type}={.status} {end}',
    ]);
    expect(conditions.trim().split(' ').sort()).toEqual(['Established=True', 'NamesAccepted=True']);
  });

  test.each(samples)('the sample %s is accepted', async (name) => {
    const file = new URL(`samples/${name}`, folder).pathname;
    const { stdout, stderr, status } = await kubectl(cluster.kubeconfig, [
      'apply',
      '--namespace=shop',
      '--validate=strict',
      '-f',
      file,
    ]);
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
    expect(stdout).toMatch(/^imageinspection\.pratique\.dev\/\S+ created\n$/);
  });

  test.each<[string, string, string]>([
    ['no image', '{}', 'spec.image: Required value'],
    ['an empty image', '{ image: "" }', 'spec.image'],
    ['an image with controls', '{ image: "a\\e[31m" }', 'spec.image: Invalid value'],
    [
      'an image without end',
      `{ image: "${'x'.repeat(1_025)}" }`,
      'spec.image: Too long: may not be more than 1024',
    ],
    [
      'pull secrets of nobody',
      '{ image: a, imagePullSecrets: [{ name: regcred }] }',
      'spec.serviceAccountName: Required value: imagePullSecrets requires serviceAccountName, the service account that lists these secrets',
    ],
    [
      'a pull secret twice',
      '{ image: a, serviceAccountName: b, imagePullSecrets: [{ name: x }, { name: x }] }',
      'spec.imagePullSecrets[1]: Duplicate value',
    ],
    [
      'a secret of another kind of name',
      '{ image: a, serviceAccountName: "../b" }',
      'spec.serviceAccountName: Invalid value',
    ],
    ['an interval that is none', '{ image: a, interval: soon }', 'spec.interval: Invalid value'],
    ['one that is too short', '{ image: a, interval: 59s }', 'interval must be between 1m and 8760h'],
    ['one that is too long', '{ image: a, interval: 8761h }', 'interval must be between 1m and 8760h'],
    ['a platform that is none', '{ image: a, platforms: ["linux/*"] }', 'spec.platforms[0]: Invalid value'],
    ['one of one word', '{ image: a, platforms: [arm65] }', 'spec.platforms[0]: Invalid value'],
    [
      'a platform twice',
      '{ image: a, platforms: [linux/arm64, linux/arm64] }',
      'spec.platforms[1]: Duplicate value',
    ],
    [
      'too many',
      `{ image: a, platforms: ${list(33, (n) => `linux/a${n}`)} }`,
      'spec.platforms: Too many: 33: must have at most 32 items',
    ],
  ])('refused: %s', async (_, spec, message) => {
    const { stderr, status } = await kubectl(cluster.kubeconfig, ['apply', '-f', '-'], {
      stdin: wrong(spec),
    });
    expect(status).toBe(1);
    expect(stderr).toContain(message);
  });

  test('an unknown field is told to who writes it', async () => {
    const { stderr } = await kubectl(cluster.kubeconfig, ['apply', '--validate=strict', '-f', '-'], {
      stdin: wrong('{ image: a, tag: b }'),
    });
    expect(stderr).toContain('unknown field "spec.tag"');
  });

  test('the image of an object never changes', async () => {
    await made('immutable', 'nginx:1.26');
    const change = [
      'patch',
      'ii',
      'immutable',
      '-n',
      'shop',
      '--type=merge',
      '-p',
      '{"spec":{"image":"nginx:1"}}',
    ];
    const { stderr, status } = await kubectl(cluster.kubeconfig, change);
    expect(status).toBe(1);
    expect(stderr).toContain('image is immutable; delete the object and create another one');
  });

  test('a status is written by one owner, for the version of the object that it is about', async () => {
    const object = await made('owned', 'owned:1');
    const first = await written(object);
    expect(first.generation).toBe(object.generation);
    // What is no longer true is taken back, without anybody asking for it.
    const second = await written(first, { sets: [judged({ result: 'not-found', inspection: null })] });
    expect(second.status?.digest).toBeUndefined();
    const stored = fields(
      await api.request({ path: '/apis/pratique.dev/v1alpha1/namespaces/shop/imageinspections/owned' }),
    );
    const owners = items(fields(stored['metadata'])['managedFields']).map(fields);
    expect(owners.map(({ manager, operation, subresource }) => [manager, operation, subresource])).toEqual([
      ['pratique', 'Apply', 'status'],
      ['pratique', 'Update', undefined],
    ]);
    await expect(
      applyStatus(api, imageInspections, buildStatusUpdate(first, buildStatus(inputs()))),
    ).rejects.toMatchObject({ code: 'Conflict' });
  });

  test('a status of the largest size is taken', async () => {
    const object = await made('full', 'full:1');
    const attempts = Array.from({ length: 40 }, (_, index) =>
      attempt({ endpoint: `https://m${index}.corp/v2`, message: 'm'.repeat(9_000) }),
    );
    const set = (index: number) =>
      judged(
        {
          image: 'full:1',
          result: 'platform-missing',
          message: 'é'.repeat(9_000),
          inspection: inspectionOf('full:1', { attempts }),
          missingPlatforms: Array.from({ length: 90 }, (_, number) => `linux/a${number}`),
        },
        ...Array.from({ length: 40 }, (_, number) => `secret-${index}-${number}`),
      );
    const users = Array.from({ length: 50 }, (_, index) =>
      running(`p${index}`, {
        image: 'full:1',
        pinned: digest(`r${index}`),
        running: digest(`r${index}`),
        owner: `rs-${index}`,
      }),
    );
    const { status } = await written(object, {
      sets: Array.from({ length: 20 }, (_, index) => set(index)),
      users,
    });
    expect(
      [status?.pins, status?.running, status?.credentials, status?.endpoints].map((each) => each?.length),
    ).toEqual([32, 16, 16, 16]);
  });

  describe('as people see it', () => {
    beforeAll(async () => {
      await must(cluster.kubeconfig, ['create', 'namespace', 'seen']);
      const good = await made('web', 'nginx:1.27', 'seen');
      const users = [...many(2, 'a'), running('pinned', { pinned: digest('old') })];
      await written(good, {
        users,
        contentRelations: new Map([[digest('old'), 'different'] as const]),
        sets: [seen({ digest: digest('now') })],
        comparison: inspectionOf('nginx:1.27', {
          attempts: [attempt(), attempt({ role: 'upstream', digest: digest('other') })],
        }),
      });
      const lacking = await made('shop', 'corp/shop:2', 'seen');
      const lacks = judged({
        image: 'corp/shop:2',
        result: 'platform-missing',
        message: 'fits 1 of 2 platforms',
        missingPlatforms: ['linux/arm64'],
      });
      await written(lacking, { sets: [lacks] });
      const gone = await made('gone', 'corp/gone:1', 'seen');
      const notFound = {
        image: 'corp/gone:1',
        result: 'not-found',
        inspection: null,
        reason: 'NoEndpoint',
        message: 'does not exist: mirror https://mirror.corp/v2 answered 404.',
      } as const;
      await written(gone, { sets: [judged(notFound)] });
    });

    const get = (...args: readonly string[]) =>
      must(cluster.kubeconfig, ['get', 'ii', '--namespace=seen', ...args]);
    const short = (name: string): string => digest(name).slice(7, 19);

    test('kubectl get ii -A', async () => {
      const output = await must(cluster.kubeconfig, ['get', 'ii', '-A']);
      const [head = ''] = output.split('\n');
      expect(head.trim().split(/\s+/)).toEqual(
        'NAMESPACE NAME IMAGE RESULT DIGEST PLATFORMS ENDPOINT INSPECTED AGE'.split(' '),
      );
      const web = table(output).find(({ NAMESPACE, NAME }) => NAMESPACE === 'seen' && NAME === 'web');
      expect(web).toMatchObject({
        IMAGE: 'nginx:1.27',
        RESULT: 'available',
        DIGEST: short('now'),
        PLATFORMS: 'linux/amd64,linux/arm64',
        ENDPOINT: 'https://mirror.corp/v2',
        INSPECTED: expect.stringMatching(/^\d+[smh]/),
      });
    });

    test('-o wide adds what is missing, what has drifted, and how many pods there are', async () => {
      const rows = table(await get('-o', 'wide'));
      const wide = rows.map(({ NAME, MISSING, DRIFTED, PODS }) => ({ NAME, MISSING, DRIFTED, PODS }));
      expect(wide).toEqual([
        { NAME: 'gone', MISSING: '', DRIFTED: 'False', PODS: '0' },
        { NAME: 'shop', MISSING: 'linux/arm64', DRIFTED: 'False', PODS: '0' },
        { NAME: 'web', MISSING: '', DRIFTED: 'True', PODS: '3' },
      ]);
    });

    test.each<[string, string[]]>([
      ['status.result=available', ['web']],
      ['status.result!=available', ['gone', 'shop']],
      ['status.reason=NoEndpoint', ['gone']],
      ['spec.image=corp/shop:2', ['shop']],
      [`status.digest=${digest('now')}`, ['web']],
    ])('--field-selector %s', async (selector, wanted) => {
      const names = await get('--field-selector', selector, '-o', 'name');
      expect(
        names
          .trim()
          .split('\n')
          .map((name) => name.split('/')[1]),
      ).toEqual(wanted);
    });

    test('the category and the long name find it too', async () => {
      expect(await must(cluster.kubeconfig, ['get', 'pratique', '-n', 'seen', '-o', 'name'])).toBe(
        await must(cluster.kubeconfig, ['get', 'imageinspections', '-n', 'seen', '-o', 'name']),
      );
    });

    test('kubectl describe tells why, in the words of the denial', async () => {
      const gone = await must(cluster.kubeconfig, ['describe', 'ii', 'gone', '-n', 'seen']);
      expect(gone).toContain(
        'docker.io/corp/gone:1 does not exist: mirror https://mirror.corp/v2 answered 404.',
      );
      const web = await must(cluster.kubeconfig, ['describe', 'ii', 'web', '-n', 'seen']);
      expect(web).toMatch(/Reason:\s+TagMoved\n\s+Status:\s+True\n\s+Type:\s+Drifted/);
      expect(web).toMatch(/Reason:\s+DigestsDiffer\n\s+Status:\s+False\n\s+Type:\s+MirrorsConsistent/);
    });

    test('kubectl wait works on its conditions', async () => {
      const wait = ['wait', 'ii/web', '-n', 'seen', '--for=condition=Available', '--timeout=5s'];
      expect(await must(cluster.kubeconfig, wait)).toContain('condition met');
    });

    test('kubectl explain has a text for each field', async () => {
      const explained = await must(cluster.kubeconfig, ['explain', 'ii.status.pins']);
      expect(explained).toContain('Digests that pods were pinned to');
    });
  });
});
