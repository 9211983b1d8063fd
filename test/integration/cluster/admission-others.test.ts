/** Others change pods at admission as well, before us and after us: what the pod says in the end is what counts. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { must } from '../../kit/cluster/kubectl.ts';
import { type Json, pod } from '../../kit/fakes/pods.ts';
import { otherWebhook } from './support/other-webhook.ts';
import { clusterSuite, patienceMs, since } from './support/suite.ts';
import { untilTrue } from './support/until.ts';
import { startWorld, type World } from './support/world.ts';

const suite = await clusterSuite();
// The first with MutatingAdmissionPolicy in `v1`.
const withPolicies = await since(36);

interface Container {
  readonly name: string;
  readonly image: string;
}

function containers(of: Json): readonly Container[] {
  return (of['spec'] as { containers: Container[] }).containers;
}

suite('Pratique beside others who change pods', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
  }, patienceMs);
  afterAll(async () => {
    await world?.[Symbol.asyncDispose]();
  });
  const web = pod('web').container('nginx:1.27', { name: 'web' }).build();
  const images = async (namespace: string) => {
    const path = '-o=jsonpath={.spec.containers[*].image}';
    return (await world.kubectl('-n', namespace, 'get', 'pod', 'web', path)).stdout.split(' ');
  };

  test('a sidecar that another webhook adds after us is pinned, too, and the first pin stays', async () => {
    const shop = await world.namespace('enforce');
    await using _ = await otherWebhook(world, shop, (pod) =>
      containers(pod).length > 1
        ? []
        : [{ op: 'add', path: '/spec/containers/-', value: { name: 'proxy', image: 'busybox:1.37' } }],
    );
    expect(await world.create(shop, web)).toMatchObject({ status: 0, stderr: '' });
    expect(await images(shop)).toEqual([
      `nginx:1.27@${world.digests['library/nginx:1.27']}`,
      `busybox:1.37@${world.digests['library/busybox:1.37']}`,
    ]);
  });

  test('a sidecar whose image is nowhere is denied', async () => {
    const shop = await world.namespace('enforce');
    await using _ = await otherWebhook(world, shop, (pod) =>
      containers(pod).length > 1
        ? []
        : [{ op: 'add', path: '/spec/containers/-', value: { name: 'proxy', image: 'team/ghost:9' } }],
    );
    expect(await world.create(shop, web)).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('team/ghost:9'),
    });
  });

  test('another webhook moves the pinned image elsewhere: a digest does not make it ours', async () => {
    const shop = await world.namespace('enforce');
    await using _ = await otherWebhook(world, shop, (pod) => {
      const [image = ''] = containers(pod).map(({ image }) => image);
      const moved = image.replace('nginx:1.27@', 'team/ghost@');
      return moved === image ? [] : [{ op: 'replace', path: '/spec/containers/0/image', value: moved }];
    });
    expect(await world.create(shop, web)).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('team/ghost@sha256:'),
    });
  });

  test('another webhook writes another tag each time: judged is what stands there in the end', async () => {
    const shop = await world.namespace('enforce');
    await using _ = await otherWebhook(world, shop, () => [
      { op: 'replace', path: '/spec/containers/0/image', value: 'team/ghost:9' },
    ]);
    expect(await world.create(shop, web)).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('team/ghost:9'),
    });
  });

  withPolicies(
    'a MutatingAdmissionPolicy that moves the image after it was pinned is found out',
    async () => {
      const shop = await world.namespace('enforce');
      const { kubeconfig } = world.cluster;
      await must(kubeconfig, ['create', '-f', '-'], { stdin: JSON.stringify(policy(shop)) });
      const moved = '-o=jsonpath={.spec.containers[0].image}';
      const allowed = pod('probe').container(`busybox@${world.digests['library/busybox:1.37']}`).build();
      await untilTrue('the policy is in force', async () => {
        const { stdout, stderr } = await world.create(shop, allowed, '--dry-run=server', moved);
        return `${stdout}${stderr}`.includes('team/ghost@');
      });
      expect(await world.create(shop, web)).toMatchObject({
        status: 1,
        stderr: expect.stringContaining('team/ghost@sha256:'),
      });
      await must(kubeconfig, ['delete', 'mutatingadmissionpolicy,mutatingadmissionpolicybinding', 'mover']);
    },
  );

  test('the same pod can be applied again: its tag is pinned to what is pinned already', async () => {
    const shop = await world.namespace('enforce');
    const stdin = JSON.stringify({ ...web, metadata: { name: 'web', namespace: shop } });
    const { kubeconfig } = world.cluster;
    const apply = () => must(kubeconfig, ['-n', shop, 'apply', '--server-side', '-f', '-'], { stdin });
    await apply();
    const first = await images(shop);
    await apply();
    expect(await images(shop)).toEqual(first);
    expect(first).toEqual([`nginx:1.27@${world.digests['library/nginx:1.27']}`]);
  });
});

/** Acts on pinned images only: so not before Pratique has been asked. A policy is run again only if it was run before, hence no condition. */
function policy(namespace: string): Json {
  const image = 'object.spec.containers[0].image';
  const expression = `${image}.contains("@") && !${image}.startsWith("team/ghost") ?
    [JSONPatch{op: "replace", path: "/spec/containers/0/image", value: "team/ghost@" + ${image}.split("@")[1]}] : []`;
  const apiVersion = 'admissionregistration.k8s.io/v1';
  const metadata = { name: 'mover' };
  const rule = { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] };
  return {
    apiVersion: 'v1',
    kind: 'List',
    items: [
      {
        apiVersion,
        kind: 'MutatingAdmissionPolicy',
        metadata,
        spec: {
          failurePolicy: 'Fail',
          reinvocationPolicy: 'IfNeeded',
          matchConstraints: { resourceRules: [rule] },
          mutations: [{ patchType: 'JSONPatch', jsonPatch: { expression } }],
        },
      },
      {
        apiVersion,
        kind: 'MutatingAdmissionPolicyBinding',
        metadata,
        spec: {
          policyName: 'mover',
          matchResources: {
            namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
          },
        },
      },
    ],
  };
}
