import { beforeEach, describe, expect, test } from '@jest/globals';
import { createLivePlacement } from '../../../../src/judge/nodes/placement/live-placement.ts';
import type { ClusterNode } from '../../../../src/judge/nodes/node.ts';
import { createStaticPlacement } from '../../../../src/judge/nodes/placement/static-placement.ts';
import { referenceIn } from '../../../../src/judge/image/references.ts';
import { subjectOf } from '../../../../src/judge/subject.ts';
import type { ContextProvider, PodContext } from '../../../../src/judge/cluster-context.ts';
import { templateOf } from '../../../../src/judge/workload/workload.ts';
import { credentialsFrom } from '../../../../src/resolve/credentials/credentials.ts';
import { formatAll } from '../../../../src/resolve/platform/format.ts';
import { parsePlatform } from '../../../../src/resolve/platform/parse.ts';
import { parseReference } from '../../../../src/resolve/reference/parse.ts';
import type { ImageInspection } from '../../../../src/watch/api/read.ts';
import { ClusterCredentials } from '../../../../src/watch/cluster/lookups/credentials.ts';
import { liveNodes } from '../../../../src/watch/cluster/live-nodes.ts';
import { type Labels, Namespaces } from '../../../../src/watch/cluster/lookups/namespaces.ts';
import type { PodRecord } from '../../../../src/watch/cluster/records/pod-record.ts';
import { RememberedImages } from '../../../../src/watch/cluster/history/remembered-images.ts';
import { Secrets } from '../../../../src/watch/cluster/lookups/secrets.ts';
import { SiblingPins } from '../../../../src/watch/cluster/history/owner-pins.ts';
import { Siblings } from '../../../../src/watch/cluster/history/earlier-digests.ts';
import { createPodContextProvider } from '../../../../src/watch/cluster/pod-context.ts';
import { type ApiRequest, KubernetesError } from '../../../../src/watch/kubernetes/api.ts';
import { deployment, type Json, type PodBuilder, pod } from '../../../kit/fakes/pods.ts';
import { groupOf } from '../../judge/eligible-groups.ts';
import { digestFor, inspectionOf, ScriptedInspector } from '../../judge/scripted-inspector.ts';
import { inspectionObject, seenAt } from './inspection-object.ts';
import { MemoryStore } from './memory-store.ts';

const server = { dockerConfig: [], nodeDockerConfig: [], execProviders: null, kubeletMatching: false };
const node: ClusterNode = {
  name: 'n1',
  labels: { 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': 'arm64' },
  taints: [],
  platform: parsePlatform('linux/arm64'),
  runtime: 'containerd://2.1.0',
  images: ['docker.io/library/nginx:1'],
};

let asked: string[];
/** Path → object; what is not there is 404, null is 403. */
let objects: Map<string, unknown>;
let seesNodes: boolean;
let namespaces: MemoryStore<Labels>;
let pods: MemoryStore<PodRecord>;
let inspections: MemoryStore<ImageInspection>;
let nodes: MemoryStore<ClusterNode>;
let events: string[];
let look: ContextProvider;

beforeEach(() => {
  [asked, events, seesNodes, objects] = [[], [], true, new Map()];
  namespaces = new MemoryStore<Labels>({ shop: { 'pratique.dev/mode': 'enforce' } });
  pods = new MemoryStore<PodRecord>();
  inspections = new MemoryStore<ImageInspection>();
  nodes = new MemoryStore<ClusterNode>({ n1: node });
  const request = ({ path }: ApiRequest) => {
    asked.push(path);
    const object = objects.get(path);
    if (object === undefined) return Promise.reject(new KubernetesError('NotFound', 'not there'));
    return object === null ? Promise.reject(new KubernetesError('Forbidden', 'no')) : Promise.resolve(object);
  };
  const groups = [groupOf(new ScriptedInspector())];
  const images = new RememberedImages({ store: inspections, referenceIn });
  look = createPodContextProvider({
    namespaces: new Namespaces({ api: { request }, store: namespaces }),
    credentials: new ClusterCredentials({
      secrets: new Secrets({ api: { request }, ttlMs: 60_000 }),
      resolve: credentialsFrom(server),
    }),
    siblings: new Siblings({ pins: new SiblingPins(pods), images, referenceIn }),
    images,
    placement: createLivePlacement({
      nodes: liveNodes(nodes),
      groups,
      additional: [],
      runtimeClass: () => undefined,
      ignoreRuntimeClasses: [],
    }),
    blind: createStaticPlacement(groups, null),
    seesNodes: () => seesNodes,
    maxStaleMs: 86_400_000,
    observer: { cache: (event) => void events.push(event) },
  });
});

function around(object: Json, namespace = 'shop'): PodContext | Promise<PodContext> {
  const workload = templateOf(object);
  if (!workload) throw new Error('the test needs a workload');
  const found = look({ ...subjectOf(workload, namespace), namespace });
  return 'soFar' in found ? found.all : found;
}

function atHand(object: Json): PodContext {
  const podContext = around(object);
  if (podContext instanceof Promise) throw new Error('there was something to wait for');
  return podContext;
}

const web = (): PodBuilder => pod('web').container('nginx:1', { name: 'web' });
const withSpec = (object: Json, more: Json): Json => ({
  ...object,
  spec: { ...(object['spec'] as Json), ...more },
});
const use = { container: 'web', image: 'nginx:1' } as Parameters<PodContext['earlierDigest']>[0];

describe('where all is at hand', () => {
  test('there is nothing to wait for, and nobody is asked', () => {
    const podContext = atHand(web().build());
    expect(podContext).toMatchObject({
      labels: { 'pratique.dev/mode': 'enforce' },
      unreadableSecret: null,
      absentSecrets: [],
      warnings: [],
    });
    expect(
      podContext.eligibleGroups.map(({ eligible }) => eligible?.map(({ platform }) => formatAll(platform))),
    ).toEqual([['linux/arm64']]);
    expect(podContext.isOnNode(parseReference('nginx:1'))).toBe(true);
    expect(podContext.credentials.forReference(parseReference('nginx:1')).id).toBe('');
    expect(asked).toEqual([]);
  });

  test('that is so for secrets that were read before', async () => {
    const auths = { 'docker.io': { username: 'u', password: 'p' } };
    const data = { '.dockerconfigjson': Buffer.from(JSON.stringify({ auths })).toString('base64') };
    const type = 'kubernetes.io/dockerconfigjson';
    objects.set('/api/v1/namespaces/shop/secrets/hub', { metadata: { name: 'hub' }, type, data });
    const object = withSpec(web().build(), { imagePullSecrets: [{ name: 'hub' }] });
    const first = await around(object);
    const { id } = first.credentials.forReference(parseReference('nginx:1'));
    expect(id).toMatch(/^[0-9a-f]{64}$/);
    expect(atHand(object).credentials).toBe(first.credentials);
    expect(asked).toHaveLength(1);
  });
});

test('of more pull secrets than anybody reads it is known that not all are known', async () => {
  const imagePullSecrets = Array.from({ length: 70 }, (_, n) => ({ name: `s${n}` }));
  const { unreadableSecret: unread } = await around(withSpec(web().build(), { imagePullSecrets }));
  expect(asked).toHaveLength(64);
  expect(unread).toContain('pull secret "s64" could not be read');
});

describe('a service account', () => {
  const path = '/api/v1/namespaces/shop/serviceaccounts/default';

  test('is not asked for the secrets of a pod: the API server has put them there', () => {
    atHand(web().build());
    expect(asked).toEqual([]);
  });

  test('is asked for those of a template', async () => {
    objects.set(path, { imagePullSecrets: [{ name: 'gone' }] });
    const { absentSecrets } = await around(deployment('web', web()));
    expect(absentSecrets).toEqual(['gone']);
    expect(asked).toEqual([path, '/api/v1/namespaces/shop/secrets/gone']);
  });

  test('that may not be read makes refusals uncertain', async () => {
    objects.set(path, null);
    expect((await around(deployment('web', web()))).unreadableSecret).toBe(
      'service account "default" could not be read (Pratique has no right to)',
    );
  });
});

describe('a namespace', () => {
  test('that the watch has not shown is asked for together with the secrets', async () => {
    const object = withSpec(web().build(), { imagePullSecrets: [{ name: 'a' }] });
    const labels = { 'pratique.dev/mode': 'warn' };
    objects.set('/api/v1/namespaces/new', { metadata: { name: 'new', labels } });
    expect((await around(object, 'new')).labels).toEqual(labels);
    expect(asked).toEqual(['/api/v1/namespaces/new', '/api/v1/namespaces/new/secrets/a']);
  });

  test('that cannot be read is judged without its labels, which is said', async () => {
    objects.set('/api/v1/namespaces/new', null);
    expect(await around(web().build(), 'new')).toMatchObject({
      labels: {},
      warnings: ['the labels of namespace "new" could not be read; it is judged as if it had none'],
    });
  });
});

describe('when nobody can wait any longer for the API server', () => {
  const soFar = (object: Json, namespace = 'shop'): PodContext => {
    const workload = templateOf(object);
    const found = workload && look({ ...subjectOf(workload, namespace), namespace });
    if (!found || !('soFar' in found)) throw new Error('there was nothing to wait for');
    return found.soFar();
  };
  const secret = { imagePullSecrets: [{ name: 'corp' }] };

  test('what is known of namespace and nodes counts, and refusals are uncertain', () => {
    const podContext = soFar(withSpec(web().build(), secret));
    expect(podContext).toMatchObject({
      labels: { 'pratique.dev/mode': 'enforce' },
      eligibleGroups: [{ eligible: [{ platform: node.platform }] }],
      unreadableSecret: 'pull secret "corp" could not be read (the API server did not answer in time)',
    });
    expect(podContext.isOnNode(parseReference('nginx:1'))).toBe(true);
    expect(podContext.credentials.forReference(parseReference('nginx:1')).id).toBe('');
  });

  test('a template misses the secrets of its service account', () => {
    expect(soFar(deployment('web', web())).unreadableSecret).toBe(
      'service account "default" could not be read (the API server did not answer in time)',
    );
  });

  test('a namespace is judged without labels, which is said', () => {
    expect(soFar(web().build(), 'new')).toMatchObject({
      labels: {},
      unreadableSecret: null,
      warnings: ['the labels of namespace "new" could not be read; it is judged as if it had none'],
    });
  });
});

test('a pod that is on its node stays there, whatever it asked for: only a new one is held against it', () => {
  const spec = { nodeName: 'n1', nodeSelector: { pool: 'gone' } };
  expect(atHand(withSpec(web().build(), spec)).eligibleGroups).toEqual([]);
  const workload = templateOf(withSpec(web().build(), spec));
  if (!workload) throw new Error('the test needs a workload');
  expect(look({ ...subjectOf(workload, 'shop'), old: workload })).toMatchObject({
    eligibleGroups: [{ eligible: [{ platform: node.platform }] }],
  });
});

test('while the nodes are not known, a pod can land anywhere, and any platform will do', () => {
  seesNodes = false;
  const podContext = atHand(web().build());
  expect(podContext.eligibleGroups).toMatchObject([{ eligible: null }]);
  expect(podContext.isOnNode(parseReference('nginx:1'))).toBe(false);
});

test('with no node there is none to land on', () => {
  nodes.put('n1', undefined);
  expect(atHand(web().build()).eligibleGroups).toEqual([]);
});

describe('siblings', () => {
  const owned = (): Json =>
    web()
      .meta('ownerReferences', [
        { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web', uid: 'r1', controller: true },
      ])
      .build();

  test('of a burst get the digest that the first of them got', () => {
    const digest = digestFor('nginx:0');
    expect(atHand(owned()).earlierDigest(use)).toBeNull();
    atHand(owned()).recordPin(use, digest);
    expect(atHand(owned()).earlierDigest(use)).toBe(digest);
    expect(atHand(web().build()).earlierDigest(use)).toBeNull();
  });

  test('are remembered by the ImageInspection', () => {
    const pins = [{ ownerUID: 'r1', container: 'web', digest: digestFor('nginx:0'), since: seenAt }];
    inspections.put('shop/ii', inspectionObject('nginx:1', { status: { pins } }));
    expect(atHand(owned()).earlierDigest(use)).toBe(digestFor('nginx:0'));
  });

  test('a template has none', async () => {
    const podContext = await around(deployment('web', web()));
    podContext.recordPin(use, digestFor('nginx:0'));
    expect(podContext.earlierDigest(use)).toBeNull();
  });
});

test('what an ImageInspection knows is recalled for those to whom it was told', async () => {
  inspections.put('shop/ii', inspectionObject('nginx:1'));
  const now = inspectionOf('nginx:1', { result: 'unavailable', inspectedAt: Date.parse(seenAt) + 1_000 });
  const reference = parseReference('nginx:1');
  expect(atHand(web().build()).lastKnown(reference, now)).toMatchObject({ stale: true, result: 'available' });
  expect(events).toEqual(['stale']);
  const other = withSpec(web().build(), { imagePullSecrets: [{ name: 'a' }] });
  expect((await around(other)).lastKnown(reference, now)).toBeNull();
});

test('whoever owns a pod, or whatever stands there, it has podContext', () => {
  for (const references of [
    null,
    'x',
    [null],
    [{ controller: true }],
    [{ controller: true, kind: 1, uid: {} }],
  ]) {
    expect(atHand(web().meta('ownerReferences', references).build()).earlierDigest(use)).toBeNull();
  }
});
