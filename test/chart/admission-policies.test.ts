/** The chart's ValidatingAdmissionPolicies on a real API server, without Pratique. */
import { afterAll, beforeAll, expect, jest } from '@jest/globals';
import { clusterTests } from '../integration/cluster/support/suite.ts';
import { apply } from '../kit/cluster/apply.ts';
import { type ControlPlane, startControlPlane } from '../kit/cluster/control-plane/control-plane.ts';
import { kubectl, must } from '../kit/cluster/kubectl.ts';
import { manifests } from './support/manifests.ts';

const { describe, test } = await clusterTests();

jest.setTimeout(120_000);
const cleanup = new AsyncDisposableStack();
afterAll(() => cleanup.disposeAsync());

const digest = `sha256:${'a'.repeat(64)}`;
const pinned = `nginx:1@${digest}`;
let cluster: ControlPlane;

beforeAll(async () => {
  cluster = cleanup.use(await startControlPlane());
  const rendered = await manifests({
    webhooks: { requireDigest: { enabled: true } },
    config: { policy: { skipLabel: true } },
  });
  await apply(cluster.kubeconfig, [
    ...rendered.of('ValidatingAdmissionPolicy'),
    ...rendered.of('ValidatingAdmissionPolicyBinding'),
    ...['shop', 'lab'].map((name) => ({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name, ...(name === 'shop' && { labels: { 'pratique.dev/mode': 'enforce' } }) },
    })),
  ]);
  await untilEnforced();
});

interface PodParts {
  readonly image?: string;
  readonly metadata?: object;
  readonly container?: object;
  readonly spec?: object;
}

/** The words of the API server; empty if it accepts the pod. */
async function create(
  namespace: string,
  { image = 'nginx:1', metadata, container, spec }: PodParts,
): Promise<string> {
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { generateName: 'p-', namespace, ...metadata },
    spec: { containers: [{ name: 'c', image, ...container }], ...spec },
  };
  const { stderr, status } = await kubectl(cluster.kubeconfig, ['create', '--dry-run=server', '-f', '-'], {
    stdin: JSON.stringify(pod),
  });
  return status === 0 ? '' : stderr;
}

/** A policy takes effect a moment after it is stored. */
async function untilEnforced(): Promise<void> {
  for (let tries = 0; (await create('shop', {})) === ''; tries++) {
    if (tries > 100) throw new Error('the policy does not take effect');
  }
}

function owner(apiVersion: string, kind: string): object {
  return { ownerReferences: [{ apiVersion, kind, name: 'o', uid: 'u', controller: true }] };
}

describe('where digests are required', () => {
  test('a pod without a digest is denied, and the image is named', async () => {
    expect(await create('shop', { image: 'nginx:1' })).toContain('not pinned to a digest: nginx:1');
  });

  test.each<[string, PodParts]>([
    ['a pinned pod', { image: pinned }],
    [
      'a static pod',
      { metadata: { annotations: { 'kubernetes.io/config.mirror': 'x' } }, spec: { nodeName: 'n' } },
    ],
    ['a pod that opts out', { metadata: { labels: { 'pratique.dev/skip': 'true' } } }],
    ["an operator's pod", { metadata: owner('postgresql.cnpg.io/v1', 'Cluster') }],
    [
      'a pod of a StatefulSet that is not the built-in one',
      { metadata: owner('apps.kruise.io/v1', 'StatefulSet') },
    ],
    ['an image that is never pulled', { container: { imagePullPolicy: 'Never' } }],
  ])('%s is accepted', async (_what, parts) => {
    expect(await create('shop', parts)).not.toContain('not pinned');
  });

  test.each<[string, PodParts]>([
    ['an init container', { image: pinned, spec: { initContainers: [{ name: 'i', image: 'busybox:1' }] } }],
    [
      'an image volume',
      { image: pinned, spec: { volumes: [{ name: 'v', image: { reference: 'assets:1' } }] } },
    ],
    ['a pod of a ReplicaSet', { metadata: owner('apps/v1', 'ReplicaSet') }],
    ['a pod of a StatefulSet', { metadata: owner('apps/v1', 'StatefulSet') }],
  ])('%s without a digest is denied', async (_what, parts) => {
    expect(await create('shop', parts)).toContain('not pinned to a digest');
  });

  test('another namespace is left alone', async () => {
    expect(await create('lab', { image: 'nginx:1' })).toBe('');
  });
});

describe('the label pratique.dev/mode', () => {
  test('with an unknown value is rejected, with the values that exist', async () => {
    const { stderr } = await kubectl(cluster.kubeconfig, [
      'label',
      'namespace',
      'lab',
      'pratique.dev/mode=enforced',
    ]);
    expect(stderr).toContain('"enforced" is not a mode; use enforce, warn, audit or off');
  });

  test('with a known value is stored', async () => {
    await must(cluster.kubeconfig, ['label', 'namespace', 'lab', 'pratique.dev/mode=warn']);
  });
});
