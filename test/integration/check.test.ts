/** `pratique check` on manifests of every shape, as they come from files and pipes. */
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { stringify } from 'yaml';
import { EmbeddedRegistry } from '../kit/registries/embedded-registry.ts';
import { multiArch } from '../kit/registries/images.ts';
import { deployment, type Json, pod } from '../kit/fakes/pods.ts';
import { type Finished, pratique } from '../kit/pratique/command.ts';
import { type NodeFiles, nodeFiles } from './support/node-files.ts';

jest.setTimeout(60_000);
const cleanup = new AsyncDisposableStack();
afterAll(() => cleanup.disposeAsync());

interface Checked {
  readonly source: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly allowed: boolean;
  readonly message: string;
  readonly warnings: readonly string[];
  readonly patch: readonly unknown[];
  readonly images: readonly { readonly pointer: string; readonly image: string; readonly pinned: string }[];
}

const image = multiArch(['linux/amd64']);
const [good, gone] = ['registry.test/team/app:1', 'registry.test/team/app:gone'];
const pinned = `${good}@${image.root.digest}`;
let node: NodeFiles;

beforeAll(async () => {
  const registry = new EmbeddedRegistry().add('team/app', '1', image);
  const server = await registry.start();
  cleanup.defer(() => registry.stop());
  node = cleanup.use(await nodeFiles({ 'registry.test': { server } }, { policy: { mode: 'warn' } }));
});

/** Runs it on `manifests` by standard input. */
function check(manifests: string, ...args: readonly string[]): Promise<Finished> {
  return pratique(['check', '--config', node.configuration, '-f', '-', ...args], { stdin: manifests });
}

async function checked(manifests: string): Promise<readonly Checked[]> {
  const { stdout, stderr } = await check(manifests, '-o', 'json');
  expect(stderr).toBe('');
  return JSON.parse(stdout) as readonly Checked[];
}

// kubectl reads YAML 1.1, in which an unquoted off is false.
const yaml = (...objects: readonly Json[]) =>
  objects.map((each) => stringify(each, { version: '1.1' })).join('---\n');
const namespace = (name: string, mode: string): Json => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name, labels: { 'pratique.dev/mode': mode } },
});
const inNamespace = (name: string) => pod('web').meta('namespace', name).container(gone).build();

test('prints the whole judgement of a pod as JSON', async () => {
  const [answer] = await checked(JSON.stringify(pod('web').container(good).build()));
  expect(answer).toEqual({
    source: 'stdin',
    kind: 'Pod',
    namespace: 'shop',
    name: 'web',
    allowed: true,
    message: '',
    warnings: [],
    patch: [
      { op: 'replace', path: '/spec/containers/0/image', value: pinned },
      { op: 'add', path: '/metadata/annotations', value: {} },
      {
        op: 'add',
        path: '/metadata/annotations/pratique.dev~1original-images',
        value: JSON.stringify({ c0: good }),
      },
      { op: 'add', path: '/metadata/annotations/pratique.dev~1verdict', value: 'available' },
    ],
    images: [
      { container: 'c0', pointer: '/spec/containers/0/image', image: good, pinned, result: 'available' },
    ],
  });
});

test('judges each pod by the labels of its namespace and ignores kinds without pods', async () => {
  const manifests = yaml(
    inNamespace('strict'),
    namespace('strict', 'enforce'),
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings' } },
    inNamespace('lenient'),
    namespace('quiet', 'off'),
    inNamespace('quiet'),
  );
  const { status } = await check(manifests);
  expect(status).toBe(1);
  const answers = await checked(manifests);
  expect(answers.map(({ namespace, allowed, warnings }) => [namespace, allowed, warnings.length])).toEqual([
    ['strict', false, 0],
    ['lenient', true, 1],
    // A label may only make it stricter; that the one of `quiet` is ignored is a second warning.
    ['quiet', true, 2],
  ]);
  expect(answers[0]?.message).toContain('does not exist');
});

test('judges pod templates, also in Lists, without a patch and with the pins of their pods', async () => {
  const job = { spec: { template: pod('t').container(good).template() } };
  const web = deployment('web', pod('t').container(good));
  const answers = await checked(
    yaml(
      web,
      { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'once' }, ...job },
      { apiVersion: 'batch/v1', kind: 'CronJob', metadata: { name: 'nightly' }, spec: { jobTemplate: job } },
      { apiVersion: 'v1', kind: 'List', items: [{ apiVersion: 'v1', kind: 'List', items: [web] }] },
    ),
  );
  expect(answers.map(({ kind, images }) => [kind, images[0]?.pointer])).toEqual([
    ['Deployment', '/spec/template/spec/containers/0/image'],
    ['Job', '/spec/template/spec/containers/0/image'],
    ['CronJob', '/spec/jobTemplate/spec/template/spec/containers/0/image'],
    ['Deployment', '/spec/template/spec/containers/0/image'],
  ]);
  for (const answer of answers)
    expect(answer).toMatchObject({ patch: [], images: [{ image: good, pinned }] });
});

describe('files', () => {
  test('reads several files, as a shell expands a glob', async () => {
    const first = await node.write('first.yaml', yaml(pod('first').container(good).build()));
    const second = await node.write('second.json', JSON.stringify(pod('second').container(gone).build()));
    const { status, stdout } = await pratique(['check', '--config', node.configuration, '-f', first, second]);
    expect(status).toBe(0);
    expect(stdout).toContain(`Pod shop/first  allowed  (${first}:1)`);
    expect(stdout).toContain(`Pod shop/second  allowed with a warning  (${second}:1)`);
    expect(stdout).toContain(image.root.digest);
  });

  test('says that the manifests contain no pods', async () => {
    const { status, stdout, stderr } = await check('');
    expect([status, stdout]).toEqual([0, '']);
    expect(stderr).toContain('no pods or pod templates');
  });

  test.each([
    ['invalid YAML', 'kind: [\n', 'stdin:2: not valid YAML'],
    ['an object without a kind', 'hello: world\n', 'stdin:1: has no kind'],
    ['bytes that are not UTF-8', Buffer.from([0xff, 0xfe, 0x00]), 'is not UTF-8 text'],
    [
      'a Pod without spec beside an alias bomb',
      `a: &a [x,x,x,x,x,x,x,x,x]\n${bomb()}kind: Pod\napiVersion: v1\n`,
      'spec must be a mapping',
    ],
  ])('reports %s with its line and status 2', async (_, text, words) => {
    const { status, stdout, stderr } = await pratique(['check', '-f', '-'], { stdin: text });
    expect([status, stdout]).toEqual([2, '0 objects checked; 1 could not be read\n']);
    expect(stderr).toContain(words);
  });
});

function bomb(): string {
  const letters = 'a b c d e f g h i'.split(' ');
  return letters
    .slice(1)
    .map((letter, n) => `${letter}: &${letter} [${Array(9).fill(`*${letters[n]}`).join(',')}]\n`)
    .join('');
}

test('a pod with the skip label is not checked, as at admission', async () => {
  const manifest = yaml(pod('web').meta('labels', { 'pratique.dev/skip': 'true' }).container(gone).build());
  const [answer] = await checked(manifest);
  expect(answer).toMatchObject({ allowed: true, warnings: [], images: [] });
  const { stdout } = await check(manifest);
  expect(stdout).toContain('not checked: excluded by the label pratique.dev/skip');
});
