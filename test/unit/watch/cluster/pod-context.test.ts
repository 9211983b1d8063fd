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
import type { ImageInspection } from '../../../../src/watch/api/parse-inspection.ts';
import { ClusterCredentials } from '../../../../src/watch/cluster/lookups/credentials.ts';
import { liveNodes } from '../../../../src/watch/cluster/informers.ts';
import { type NamespaceLabels, NamespaceReader } from '../../../../src/watch/cluster/lookups/namespaces.ts';
import type { PodRecord } from '../../../../src/watch/cluster/records/pod-record.ts';
import { InspectionIndex } from '../../../../src/watch/cluster/history/inspection-index.ts';
import { SecretReader } from '../../../../src/watch/cluster/lookups/secrets.ts';
import { OwnerPins } from '../../../../src/watch/cluster/history/owner-pins.ts';
import { AdmittedOwners } from '../../../../src/watch/cluster/history/admitted-owners.ts';
import { EarlierDigests } from '../../../../src/watch/cluster/history/earlier-digests.ts';
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
let namespaces: MemoryStore<NamespaceLabels>;
let pods: MemoryStore<PodRecord>;
let inspections: MemoryStore<ImageInspection>;
let nodes: MemoryStore<ClusterNode>;
let events: string[];
let look: ContextProvider;

beforeEach(() => {
  [asked, events, seesNodes, objects] = [[], [], true, new Map()];
  namespaces = new MemoryStore<NamespaceLabels>({ shop: { 'pratique.dev/mode': 'enforce' } });
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
  const images = new InspectionIndex({ store: inspections, referenceIn });
  look = createPodContextProvider({
    namespaces: new NamespaceReader({ api: { request }, store: namespaces }),
    credentials: new ClusterCredentials({
      secrets: new SecretReader({ api: { request }, ttlMs: 60_000 }),
      resolve: credentialsFrom(server),
    }),
    earlierDigests: new EarlierDigests({ pins: new OwnerPins(pods), inspectionIndex: images, referenceIn }),
    admittedOwners: new AdmittedOwners({ pods, inspectionIndex: images, referenceIn }),
    inspectionIndex: images,
    placement: createLivePlacement({
      nodes: liveNodes(nodes),
      groups,
      additional: [],
      runtimeClass: () => undefined,
      ignoreRuntimeClasses: [],
    }),
    fallbackPlacement: createStaticPlacement(groups, null),
    areNodesKnown: () => seesNodes,
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

describe('with everything cached', () => {
  test('the context is complete without a request', () => {
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

  test('secrets that were read before need no request', async () => {
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

test('too many pull secrets leave the credentials partly unknown', async () => {
  const imagePullSecrets = Array.from({ length: 70 }, (_, n) => ({ name: `s${n}` }));
  const { unreadableSecret } = await around(withSpec(web().build(), { imagePullSecrets }));
  expect(asked).toHaveLength(64);
  expect(unreadableSecret).toContain('pull secret "s64" could not be read');
});

describe('a service account', () => {
  const path = '/api/v1/namespaces/shop/serviceaccounts/default';

  test('is not read for a pod, which has its secrets already', () => {
    atHand(web().build());
    expect(asked).toEqual([]);
  });

  test('is read for a template', async () => {
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
  test('that the watch has not shown is fetched in parallel with the secrets', async () => {
    const object = withSpec(web().build(), { imagePullSecrets: [{ name: 'a' }] });
    const labels = { 'pratique.dev/mode': 'warn' };
    objects.set('/api/v1/namespaces/new', { metadata: { name: 'new', labels } });
    expect((await around(object, 'new')).labels).toEqual(labels);
    expect(asked).toEqual(['/api/v1/namespaces/new', '/api/v1/namespaces/new/secrets/a']);
  });

  test('that cannot be read is judged without labels and with a warning', async () => {
    objects.set('/api/v1/namespaces/new', null);
    expect(await around(web().build(), 'new')).toMatchObject({
      labels: {},
      warnings: ['the labels of namespace "new" could not be read; it is treated as having none'],
    });
  });
});

describe('at the deadline', () => {
  const soFar = (object: Json, namespace = 'shop'): PodContext => {
    const workload = templateOf(object);
    const found = workload && look({ ...subjectOf(workload, namespace), namespace });
    if (!found || !('soFar' in found)) throw new Error('there was nothing to wait for');
    return found.soFar();
  };
  const secret = { imagePullSecrets: [{ name: 'corp' }] };

  test('namespace and nodes are used, and refusals are uncertain', () => {
    const podContext = soFar(withSpec(web().build(), secret));
    expect(podContext).toMatchObject({
      labels: { 'pratique.dev/mode': 'enforce' },
      eligibleGroups: [{ eligible: [{ platform: node.platform }] }],
      unreadableSecret: 'pull secret "corp" could not be read (the API server did not answer in time)',
    });
    expect(podContext.isOnNode(parseReference('nginx:1'))).toBe(true);
    expect(podContext.credentials.forReference(parseReference('nginx:1')).id).toBe('');
  });

  test('a template lacks the secrets of its service account', () => {
    expect(soFar(deployment('web', web())).unreadableSecret).toBe(
      'service account "default" could not be read (the API server did not answer in time)',
    );
  });

  test('a namespace is judged without labels and with a warning', () => {
    expect(soFar(web().build(), 'new')).toMatchObject({
      labels: {},
      unreadableSecret: null,
      warnings: ['the labels of namespace "new" could not be read; it is treated as having none'],
    });
  });
});

test('an existing pod is judged on its node only', () => {
  const spec = { nodeName: 'n1', nodeSelector: { pool: 'gone' } };
  expect(atHand(withSpec(web().build(), spec)).eligibleGroups).toEqual([]);
  const workload = templateOf(withSpec(web().build(), spec));
  if (!workload) throw new Error('the test needs a workload');
  expect(look({ ...subjectOf(workload, 'shop'), old: workload })).toMatchObject({
    eligibleGroups: [{ eligible: [{ platform: node.platform }] }],
  });
});

test('while the nodes are unknown, a pod may run anywhere and on any platform', () => {
  seesNodes = false;
  const podContext = atHand(web().build());
  expect(podContext.eligibleGroups).toMatchObject([{ eligible: null }]);
  expect(podContext.isOnNode(parseReference('nginx:1'))).toBe(false);
});

test('without nodes no group is eligible', () => {
  nodes.put('n1', undefined);
  expect(atHand(web().build()).eligibleGroups).toEqual([]);
});

describe('the earlier digest', () => {
  const owned = (): Json =>
    web()
      .meta('ownerReferences', [
        { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web', uid: 'r1', controller: true },
      ])
      .build();

  test('of a burst of pods is the one given to the first', () => {
    const digest = digestFor('nginx:0');
    expect(atHand(owned()).earlierDigest(use)).toBeNull();
    atHand(owned()).recordPin(use, digest);
    expect(atHand(owned()).earlierDigest(use)).toBe(digest);
    expect(atHand(web().build()).earlierDigest(use)).toBeNull();
  });

  test('is read from the ImageInspection', () => {
    const pins = [{ ownerUID: 'r1', container: 'web', digest: digestFor('nginx:0'), since: seenAt }];
    inspections.put('shop/ii', inspectionObject('nginx:1', { status: { pins } }));
    expect(atHand(owned()).earlierDigest(use)).toBe(digestFor('nginx:0'));
  });

  test('does not exist for a template', async () => {
    const podContext = await around(deployment('web', web()));
    podContext.recordPin(use, digestFor('nginx:0'));
    expect(podContext.earlierDigest(use)).toBeNull();
  });
});

describe('an admitted sibling', () => {
  const owned = (kind: string): Json =>
    web()
      .meta('ownerReferences', [
        { apiVersion: 'x.example/v1', kind, name: 'web', uid: 'r1', controller: true },
      ])
      .build();
  const pins = [{ ownerUID: 'r1', container: 'web', digest: digestFor('nginx:0'), since: seenAt }];

  test('is recognised by the UID of the controller, whatever its kind', () => {
    expect(atHand(owned('Cluster')).hasAdmittedSibling()).toBe(false);
    inspections.put('shop/ii', inspectionObject('nginx:1', { status: { pins } }));
    expect(atHand(owned('Cluster')).hasAdmittedSibling()).toBe(true);
    expect(atHand(web().build()).hasAdmittedSibling()).toBe(false);
  });

  test('does not exist for a template', async () => {
    inspections.put('shop/ii', inspectionObject('nginx:1', { status: { pins } }));
    const template = await around(deployment('web', web().meta('ownerReferences', [])));
    expect(template.hasAdmittedSibling()).toBe(false);
  });
});

test('the last known image is returned only for the credentials that saw it', async () => {
  inspections.put('shop/ii', inspectionObject('nginx:1'));
  const now = inspectionOf('nginx:1', { result: 'unavailable', inspectedAt: Date.parse(seenAt) + 1_000 });
  const reference = parseReference('nginx:1');
  expect(atHand(web().build()).lastKnown(reference, now)).toMatchObject({ stale: true, result: 'available' });
  expect(events).toEqual(['stale']);
  const other = withSpec(web().build(), { imagePullSecrets: [{ name: 'a' }] });
  expect((await around(other)).lastKnown(reference, now)).toBeNull();
});

test('a context is built for a pod with any values', () => {
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
