/**
 * What Pratique knows around a pod, from a real API server and with the rights of the chart: secrets and who may use
 * them, nodes, namespaces, siblings, and what the ImageInspections remember.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, jest } from '@jest/globals';
import { multiArch } from '../../kit/registries/images.ts';
import { apply, serviceAccountOf } from '../../kit/cluster/apply.ts';
import { type ControlPlane, startControlPlane } from '../../kit/cluster/control-plane/control-plane.ts';
import { render } from '../../kit/cluster/helm.ts';
import { kubeconfig } from '../../kit/cluster/control-plane/kubeconfig.ts';
import { must } from '../../kit/cluster/kubectl.ts';
import { createNodes } from '../../kit/cluster/nodes/nodes.ts';
import type { KubernetesObject } from '../../kit/cluster/nodes/objects.ts';
import { Judge } from '../../../src/judge/judge.ts';
import type { Judgement } from '../../../src/judge/judgement.ts';
import { createLivePlacement } from '../../../src/judge/nodes/placement/live-placement.ts';
import { createStaticPlacement } from '../../../src/judge/nodes/placement/static-placement.ts';
import { policies } from '../../../src/judge/policy/policies.ts';
import { policySchema } from '../../../src/judge/policy/schema.ts';
import { subjectOf } from '../../../src/judge/subject.ts';
import type { PodContext } from '../../../src/judge/cluster-context.ts';
import { templateOf } from '../../../src/judge/workload/workload.ts';
import { credentialsFrom } from '../../../src/resolve/credentials/credentials.ts';
import { deadlineIn } from '../../../src/util/async/deadline.ts';
import { upstreamOnly } from '../../../src/resolve/endpoints/default.ts';
import { silent } from '../../../src/resolve/inspection/observer.ts';
import { createRegistry } from '../../../src/resolve/registry/client.ts';
import { ClusterCredentials } from '../../../src/watch/cluster/lookups/credentials.ts';
import { NamespaceReader } from '../../../src/watch/cluster/lookups/namespaces.ts';
import type { PodRecord } from '../../../src/watch/cluster/records/pod-record.ts';
import { SecretReader } from '../../../src/watch/cluster/lookups/secrets.ts';
import { createPodContextProvider } from '../../../src/watch/cluster/pod-context.ts';
import { ClusterInformers } from '../../../src/watch/cluster/informers.ts';
import type { KubernetesApi } from '../../../src/watch/kubernetes/api.ts';
import { connect } from '../../../src/watch/kubernetes/client/client.ts';
import { groupOf } from '../../unit/judge/eligible-groups.ts';
import { stage } from '../../unit/resolve/inspection/harness.ts';
import { dockerConfig, type TokenStand, tokenStand } from '../../kit/registries/registry-fixtures.ts';
import { clusterTests } from './support/suite.ts';

const { describe, test } = await clusterTests();

jest.setTimeout(120_000);
const cleanup = new AsyncDisposableStack();
afterAll(() => cleanup.disposeAsync());

const system = 'pratique-system';
const end = new AbortController();
const judge = new Judge(policies(policySchema.parse({ onDenied: 'deny' })));

let cluster: ControlPlane;
let stand: TokenStand;
let view: ClusterInformers;
/** Requests made with the chart's permissions, as `get secrets`. */
const requests: string[] = [];
let api: KubernetesApi;
let look: ReturnType<typeof createPodContextProvider>;
let digest = '';

const registry = createRegistry();
cleanup.defer(() => registry.close());
const { inspector } = stage(upstreamOnly, { registry, clock: Date.now });
const groups = [groupOf(inspector)];

beforeAll(async () => {
  [cluster, stand] = [
    cleanup.use(await startControlPlane({ audit: true })),
    cleanup.use(await tokenStand(['team/app'])),
  ];
  digest = await stand.put('team/app', '1', multiArch(['linux/amd64', 'linux/arm64']));
  await kube('create', 'namespace', system);
  const chart = await render({ namespace: system });
  const rights = chart.filter(({ kind }) => kind === 'ServiceAccount' || /Role/.test(kind));
  await apply(cluster.kubeconfig, rights);
  await apply(cluster.kubeconfig, await readFile('crds/imageinspections.pratique.dev.yaml', 'utf8'));
  await createNodes(cluster.kubeconfig, [{ name: 'amd-1', platform: 'linux/amd64' }]);
  for (const name of ['with', 'without']) {
    await kube('create', 'namespace', name);
    await serviceAccountOf(cluster.kubeconfig, name);
  }
  await secret('with', 'corp', dockerConfig(stand.registry.host));
  const imagePullSecrets = [{ name: 'corp' }];
  await kube('patch', 'serviceaccount', 'default', '-n', 'with', '-p', JSON.stringify({ imagePullSecrets }));
  api = await connected('pratique');
  view = new ClusterInformers({ api });
  look = looking(api);
  cleanup.defer(() => end.abort());
  expect(view.notSynced()).toBe('not synced: pods, nodes, namespaces, runtimeclasses, imageinspections');
  void view.start(end.signal);
  await view.synced(end.signal);
});

function kube(...args: readonly string[]): Promise<string> {
  return must(cluster.kubeconfig, args);
}

async function connected(serviceAccount: string): Promise<KubernetesApi> {
  const token = await kube('create', 'token', serviceAccount, '-n', system);
  const path = `${cluster.folder}/kubeconfig-${serviceAccount}`;
  await writeFile(
    path,
    kubeconfig(cluster.server, cluster.ca, [{ name: serviceAccount, token: token.trim() }]),
  );
  const observer = {
    requested: (verb: string, resource: string) => void requests.push(`${verb} ${resource}`),
  };
  const connection = connect({ kubeconfig: path, environment: {}, userAgent: 'pratique-test', observer });
  cleanup.defer(() => connection.close());
  return connection;
}

function looking(as: KubernetesApi): typeof look {
  const server = { dockerConfig: [], nodeDockerConfig: [], execProviders: null, kubeletMatching: false };
  return createPodContextProvider({
    namespaces: new NamespaceReader({ api: as, store: view.namespaces }),
    credentials: new ClusterCredentials({
      secrets: new SecretReader({ api: as, ttlMs: 60_000, timeoutMs: 10_000 }),
      resolve: credentialsFrom(server),
    }),
    earlierDigests: view.earlierDigests,
    admittedOwners: view.admittedOwners,
    inspectionIndex: view.inspectionIndex,
    placement: createLivePlacement({
      nodes: view.nodes,
      groups,
      additional: [],
      runtimeClass: (name) => view.runtimeClasses.get(name),
      ignoreRuntimeClasses: [],
    }),
    fallbackPlacement: createStaticPlacement(groups, null),
    areNodesKnown: () => view.isSynced,
    maxStaleMs: 86_400_000,
    observer: silent,
  });
}

/** Keeps the token out of the arguments, which any user of the machine can see. */
function secret(namespace: string, name: string, text: string): Promise<void> {
  const data = { '.dockerconfigjson': Buffer.from(text).toString('base64') };
  const type = 'kubernetes.io/dockerconfigjson';
  return apply(cluster.kubeconfig, [
    { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace }, type, data },
  ]);
}

const app = () => `${stand.registry.host}/team/app:1`;

function podObject(
  namespace: string,
  name: string,
  more: object = {},
  metadata: object = {},
): KubernetesObject {
  const containers = [{ name: 'web', image: app() }];
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, ...metadata },
    spec: { containers, ...more },
  };
}

/** Returns a pod that the API server would send to a webhook, after its own admission plugins. */
async function shown(object: KubernetesObject): Promise<unknown> {
  const stdin = JSON.stringify(object);
  const args = ['create', '--dry-run=server', '-o', 'json', '-f', '-'];
  return JSON.parse(await must(cluster.kubeconfig, args, { stdin })) as unknown;
}

function around(object: unknown, by = look): PodContext | Promise<PodContext> {
  const workload = templateOf(object);
  if (!workload) throw new Error('the test needs a workload');
  const found = by(subjectOf(workload, 'default'));
  return 'soFar' in found ? found.all : found;
}

async function judged(object: unknown, by = look): Promise<Judgement> {
  const workload = templateOf(object);
  if (!workload) throw new Error('the test needs a workload');
  const subject = subjectOf(workload, 'default');
  const podContext = await around(object, by);
  return judge.judge({ subject, podContext, deadline: deadlineIn(20_000), purpose: 'admission' });
}

/** Resolves when `condition` holds, which some change in `store` makes it. */
async function becomes<T>(
  store: { subscribe(listener: () => void): () => void },
  condition: () => T | undefined | false,
): Promise<T> {
  const { promise, resolve } = Promise.withResolvers<T>();
  const check = () => {
    const value = condition();
    if (value !== undefined && value !== false) resolve(value);
  };
  const leave = store.subscribe(check);
  check();
  try {
    return await promise;
  } finally {
    leave();
  }
}

test('everything is listed, and nothing is missing', () => {
  expect(view.notSynced()).toBeNull();
  expect(view.nodes.get('amd-1')).toMatchObject({ platform: { os: 'linux', architecture: 'amd64' } });
  expect(view.namespaces.get('with')).toEqual({});
});

describe('a private image', () => {
  test("is there for a pod with its namespace's service account, and for nobody in another namespace", async () => {
    const [inside, outside] = [
      await shown(podObject('with', 'web')),
      await shown(podObject('without', 'web')),
    ];
    expect(inside).toMatchObject({ spec: { imagePullSecrets: [{ name: 'corp' }] } });
    expect(await judged(inside)).toMatchObject({
      decision: 'allow',
      reason: 'available',
      images: [{ pinned: `${app()}@${digest}` }],
    });
    // The result that is cached by now is not theirs.
    expect(await judged(outside)).toMatchObject({ decision: 'deny', reason: 'denied' });
    expect(await judged(inside)).toMatchObject({ decision: 'allow', reason: 'available' });
  });

  test("is there for a template, by the secrets of its pods' service account", async () => {
    const template = { metadata: { labels: { app: 'web' } }, spec: podObject('', '')['spec'] };
    const spec = { selector: { matchLabels: { app: 'web' } }, template };
    const deployment = (namespace: string): KubernetesObject => {
      return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', namespace }, spec };
    };
    expect(await judged(await shown(deployment('with')))).toMatchObject({ reason: 'available' });
    expect(await judged(await shown(deployment('without')))).toMatchObject({ reason: 'denied' });
  });

  test('is told to lack a secret that does not exist', async () => {
    const object = await shown(podObject('without', 'web', { imagePullSecrets: [{ name: 'corp' }] }));
    const { decision, message } = await judged(object);
    expect(decision).toBe('deny');
    expect(message).toContain('The pull secret "corp" does not exist in this namespace');
  });

  test('is neither denied nor not found where the secret may not be read', async () => {
    await kube('create', 'serviceaccount', 'nobody', '-n', system);
    const blind = looking(await connected('nobody'));
    const judgement = await judged(await shown(podObject('with', 'web')), blind);
    expect(judgement).toMatchObject({ decision: 'warn', reason: 'unavailable' });
    expect(judgement.warnings.join('\n')).toContain(
      'pull secret "corp" could not be read (Pratique has no right to)',
    );
  });

  test('with a malformed secret is judged by the others, with a warning', async () => {
    await secret('with', 'broken', '{"auths": {"reg.example": {"auth": "no colon"}}}');
    const secrets = { imagePullSecrets: [{ name: 'broken' }, { name: 'corp' }] };
    const judgement = await judged(await shown(podObject('with', 'web', secrets)));
    expect(judgement.decision).toBe('allow');
    expect(judgement.notes).toEqual([
      expect.stringContaining('pull secret "broken": its entry "reg.example"'),
    ]);
  });

  test('asks for its secret once, however many pods come', async () => {
    const fresh = looking(api);
    const object = await shown(podObject('with', 'web'));
    requests.length = 0;
    await Promise.all(Array.from({ length: 50 }, () => judged(object, fresh)));
    expect(requests).toEqual(['get secrets']);
    expect(around(object, fresh)).not.toBeInstanceOf(Promise);
  });
});

describe('a namespace', () => {
  test('that was made a moment ago is known by its labels, and followed from then on', async () => {
    const name = 'fresh';
    await apply(cluster.kubeconfig, [
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: { 'pratique.dev/mode': 'audit' } } },
    ]);
    const pod = podObject(name, 'web');
    expect((await around(pod)).labels).toEqual({ 'pratique.dev/mode': 'audit' });
    await kube('label', '--overwrite', 'namespace', name, 'pratique.dev/mode=warn');
    await becomes(view.namespaces, () => view.namespaces.get(name)?.['pratique.dev/mode'] === 'warn');
    expect((await around(pod)).labels).toEqual({ 'pratique.dev/mode': 'warn' });
  });

  test('that nobody has heard of has none', async () => {
    expect((await around(podObject('nowhere', 'web'))).labels).toEqual({});
  });
});

describe('nodes', () => {
  const patch = (changes: object) =>
    kube('patch', 'node', 'amd-1', '--subresource=status', '--type=merge', '-p', JSON.stringify(changes));

  test('that report and are as before change nothing', async () => {
    const before = view.nodes.version;
    const now = new Date().toISOString();
    const ready = { type: 'Ready', status: 'True', reason: 'KubeletReady', lastHeartbeatTime: now };
    await patch({ status: { conditions: [{ ...ready, lastTransitionTime: now }] } });
    await kube('annotate', 'node', 'amd-1', 'example.com/beat=1');
    // What comes after it has come: nodes are watched on one connection.
    await createNodes(cluster.kubeconfig, [{ name: 'arm-1', platform: 'linux/arm64' }]);
    await becomes(view.nodeStore, () => view.nodes.get('arm-1') !== undefined);
    expect(view.nodes.version).toBe(before + 1);
  });

  test('that come and go change where a pod can land', async () => {
    const object = await shown(podObject('with', 'web', { nodeSelector: { 'kubernetes.io/arch': 'arm64' } }));
    expect((await around(object)).eligibleGroups).toHaveLength(1);
    await kube('delete', 'node', 'arm-1');
    await becomes(view.nodeStore, () => view.nodes.get('arm-1') === undefined);
    expect((await around(object)).eligibleGroups).toEqual([]);
    expect(await judged(object)).toMatchObject({ decision: 'allow', reason: 'not-checked' });
  });

  test('that hold an image already let its pods start there', async () => {
    const image = `${stand.registry.host}/team/gone:1`;
    const before = view.nodes.version;
    await patch({ status: { images: [{ names: [image], sizeBytes: 1 }] } });
    await becomes(view.nodeStore, () => view.nodes.version > before);
    const containers = [{ name: 'web', image, imagePullPolicy: 'IfNotPresent' }];
    const { images } = await judged(await shown(podObject('with', 'web', { containers })));
    expect(images[0]).toMatchObject({ result: 'not-checked', reason: 'PresentOnNode', pinned: image });
  });
});

describe('siblings', () => {
  test('of a ReplicaSet keep the digest of its pods, and a new ReplicaSet does not', async () => {
    const image = `${app()}@${digest}`;
    const labels = { app: 'pinned' };
    const annotations = { 'pratique.dev/original-images': JSON.stringify({ web: app() }) };
    const spec = { containers: [{ name: 'web', image }] };
    const template = { metadata: { labels, annotations }, spec };
    await apply(cluster.kubeconfig, [
      {
        apiVersion: 'apps/v1',
        kind: 'ReplicaSet',
        metadata: { name: 'pinned', namespace: 'with' },
        spec: { replicas: 2, selector: { matchLabels: labels }, template },
      },
    ]);
    const sibling = await becomes(view.pods, () => find(view.pods.values(), 'pinned'));
    expect(sibling.images).toMatchObject([{ image, original: app(), running: null }]);
    const reference = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'pinned', controller: true };
    const next = (uid: string) =>
      podObject('with', 'pinned-x', {}, { ownerReferences: [{ ...reference, uid }] });
    const use = (object: unknown) => templateOf(object)?.uses[0];
    const remembered = async (object: unknown) => {
      const at = use(object);
      return at && (await around(object)).earlierDigest(at);
    };
    expect(await remembered(next(sibling.owner?.uid ?? ''))).toBe(digest);
    expect(await remembered(next('another-uid'))).toBeNull();
  });

  function find(records: Iterable<PodRecord>, owner: string): PodRecord | undefined {
    return [...records].find((record) => record.owner?.name === owner);
  }
});

test('what an ImageInspection remembers stands in for a registry that is down, for the same secrets only', async () => {
  const gone = cleanup.use(await tokenStand([]));
  const image = `${gone.registry.host}/team/other:1`;
  await gone.registry[Symbol.asyncDispose]();
  const object = { apiVersion: 'pratique.dev/v1alpha1', kind: 'ImageInspection' };
  const metadata = { name: 'other', namespace: 'with' };
  await apply(cluster.kubeconfig, [{ ...object, metadata, spec: { image } }]);
  const seen = new Date().toISOString();
  const set = { serviceAccountName: 'default', imagePullSecrets: ['corp'], result: 'available', digest };
  const status = {
    observedGeneration: 1,
    reference: image,
    result: 'available',
    digest,
    manifestKind: 'index',
    platforms: ['linux/amd64', 'linux/arm64'],
    platformsComplete: true,
    usedBy: { pods: 1, workloads: 1 },
    lastSeen: seen,
    lastInspected: seen,
    credentials: [set],
  };
  const body = JSON.stringify({ status });
  const at = ['imageinspection', 'other', '-n', 'with', '--subresource=status'];
  await kube('patch', ...at, '--type=merge', '-p', body);
  await becomes(view.inspections, () => view.inspections.get('with/other')?.status?.lastSeen === seen);
  const containers = [{ name: 'web', image }];
  const inside = await judged(await shown(podObject('with', 'web', { containers })));
  expect(inside).toMatchObject({ decision: 'allow', reason: 'available', images: [{ pinned: image }] });
  expect(inside.images[0]?.inspection).toMatchObject({ stale: true, digest });
  expect(inside.notes).toEqual([expect.stringContaining('is not pinned: no registry is reachable')]);
  const outside = await judged(await shown(podObject('without', 'web', { containers })));
  expect(outside).toMatchObject({ decision: 'warn', reason: 'unavailable' });
});

test("the API server's audit log knows of secrets that were got one by one, and of nothing else done to them", async () => {
  const lines = (await readFile(cluster.auditLog ?? '', 'utf8')).trim().split('\n');
  const ours = lines
    .map(
      (line) =>
        JSON.parse(line) as { user: { username: string }; verb: string; objectRef?: { resource: string } },
    )
    .filter(({ user }) => user.username === `system:serviceaccount:${system}:pratique`);
  const verbs = (resource: string) =>
    new Set(ours.filter(({ objectRef }) => objectRef?.resource === resource).map(({ verb }) => verb));
  expect(verbs('secrets')).toEqual(new Set(['get']));
  expect(ours.filter(({ verb }) => !['get', 'list', 'watch'].includes(verb))).toEqual([]);
});
