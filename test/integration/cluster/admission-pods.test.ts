/** Pods of every kind that a cluster makes: by hand on a node, by a DaemonSet, for Windows, hundreds at a time. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { must } from '../../kit/cluster/kubectl.ts';
import { pod } from '../../kit/fakes/pods.ts';
import { having, workload } from './support/objects.ts';
import { clusterSuite, patienceMs } from './support/suite.ts';
import { untilTrue } from './support/until.ts';
import { startWorld, type World } from './support/world.ts';

const suite = await clusterSuite();

suite('pods of every kind', () => {
  let world: World;
  beforeAll(async () => {
    // Five hundred pods at once on a busy machine: what Pratique says of each is asked for here, not how soon.
    world = await startWorld({
      install: {
        values: { webhooks: { failurePolicy: 'Fail', timeoutSeconds: 10 } },
        configuration: { server: { webhook: { deadline: '8s' } }, registry: { endpointTimeout: '5s' } },
      },
    });
  }, patienceMs);
  afterAll(async () => {
    await world?.[Symbol.asyncDispose]();
  });
  const pods = async (namespace: string) => {
    const path = '-o=jsonpath={range .items[*]}{.spec.containers[0].image} {.spec.nodeName}{"\\n"}{end}';
    const text = await must(world.cluster.kubeconfig, ['-n', namespace, 'get', 'pods', path]);
    return text.split('\n').filter(Boolean).sort();
  };
  const pinned = (name: string) => `${name.replace('library/', '')}@${world.digests[name]}`;

  test('a pod that names its node is judged by that node alone', async () => {
    const shop = await world.namespace('enforce');
    const edge = (name: string, nodeName: string) =>
      world.create(shop, having(pod(name).container('team/edge:1').build(), { nodeName }));
    expect(await edge('fits', 'arm-1')).toMatchObject({ status: 0, stderr: '' });
    expect(await edge('does-not', 'amd-1')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('linux/amd64'),
    });
    expect(await pods(shop)).toEqual([`${pinned('team/edge:1')} arm-1`]);
  });

  test('a pod whose node has lost its label stays there, and what comes into it is judged', async () => {
    const shop = await world.namespace('enforce');
    const choosy = (name: string, ...args: readonly string[]) => {
      const made = having(pod(name).container('nginx:1.27').build(), { nodeSelector: { pool: 'a' } });
      return world.create(shop, made, ...args);
    };
    await world.kubectl('label', 'node', 'amd-1', 'pool=a');
    await choosy('web');
    await untilTrue('it is bound', async () => (await pods(shop))[0]?.endsWith(' amd-1') ?? false);
    await world.kubectl('label', 'node', 'amd-1', 'pool-');
    await untilTrue('there is no such node for new pods', async () =>
      (await choosy('new', '--dry-run=server')).stderr.includes('no node satisfies'),
    );
    const ghost = ['--image=team/ghost:9', '--container=tools', '--', 'sleep', '1d'];
    expect(await world.kubectl('-n', shop, 'debug', 'web', ...ghost)).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('team/ghost:9'),
    });
  });

  test("a DaemonSet's pods are judged each by its own node", async () => {
    const shop = await world.namespace('enforce');
    await world.create(shop, workload('DaemonSet', 'team/legacy:2'));
    // The controller tries the arm64 node again and again: its pod is refused, the other one runs.
    await untilTrue('its pod for arm64 is refused', async () => {
      const path = '-o=jsonpath={.items[?(@.reason=="FailedCreate")].message}';
      return (await world.kubectl('-n', shop, 'get', 'events', path)).stdout.includes('linux/arm64');
    });
    await untilTrue(
      'its pod for amd64 is bound',
      async () => (await pods(shop))[0]?.endsWith(' amd-1') ?? false,
    );
    expect(await pods(shop)).toEqual([`${pinned('team/legacy:2')} amd-1`]);
  });

  test("a Deployment's pods are pinned, and its template is left alone", async () => {
    const shop = await world.namespace('enforce');
    await world.create(shop, workload('Deployment', 'nginx:1.27', { replicas: 2 }));
    await untilTrue(
      'two pods are bound',
      async () => (await pods(shop)).filter((each) => each.endsWith('-1')).length === 2,
    );
    expect((await pods(shop)).map((each) => each.split(' ')[0])).toEqual(
      Array(2).fill(pinned('library/nginx:1.27')),
    );
    const path = '-o=jsonpath={.spec.template.spec.containers[0].image}';
    expect((await world.kubectl('-n', shop, 'get', 'deployment', 'w', path)).stdout).toBe('nginx:1.27');
  });

  test('a pod for Windows needs an image for Windows', async () => {
    const shop = await world.namespace('enforce');
    const windows = (name: string, image: string) =>
      world.create(
        shop,
        having(pod(name).container(image).build(), {
          os: { name: 'windows' },
          nodeSelector: { 'kubernetes.io/os': 'windows' },
          tolerations: [{ key: 'os', value: 'windows', effect: 'NoSchedule' }],
        }),
      );
    expect(await windows('web', 'team/windows:1')).toMatchObject({ status: 0, stderr: '' });
    expect(await windows('linux', 'nginx:1.27')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('(node win-1)'),
    });
  });

  test('a pod that tolerates the taint of the arm/v7 node is kept from it where the image lacks arm/v7', async () => {
    const shop = await world.namespace('enforce');
    const tolerations = [{ key: 'edge', operator: 'Exists' }];
    const seven = having(pod('seven').container('team/two:1').build(), { tolerations });
    expect(await world.create(shop, seven)).toMatchObject({
      status: 0,
      stderr: expect.stringContaining('lacks linux/arm/v7: node affinity restricts the pod to'),
    });
  });

  test('hostNetwork makes no difference', async () => {
    const shop = await world.namespace('enforce');
    const agent = having(pod('agent').container('nginx:1.27').build(), { hostNetwork: true });
    expect(await world.create(shop, agent)).toMatchObject({ status: 0, stderr: '' });
    expect(await world.image(shop, 'agent')).toBe(pinned('library/nginx:1.27'));
  });

  test('imagePullPolicy Never: nobody pulls, so nobody asks', async () => {
    const shop = await world.namespace('enforce');
    const never = pod('never').container('team/ghost:9', { pullPolicy: 'Never' }).build();
    expect(await world.create(shop, never)).toMatchObject({ status: 0, stderr: '' });
    expect(await world.image(shop, 'never')).toBe('team/ghost:9');
  });

  test(
    'a Job with hundreds of pods: every one is pinned, and the registry hardly notices',
    async () => {
      const shop = await world.namespace('enforce');
      const count = 500;
      await world.registry.registry.takeLog();
      await world.create(shop, workload('Job', 'nginx:1.28', { parallelism: count, completions: count }));
      await untilTrue('all pods are there', async () => (await pods(shop)).length === count, patienceMs / 2);
      const images = new Set((await pods(shop)).map((each) => each.split(' ')[0]));
      expect([...images]).toEqual([pinned('library/nginx:1.28')]);
      const seconds = 60;
      expect((await world.registry.registry.takeLog()).length).toBeLessThan(3 * seconds);
    },
    patienceMs,
  );
});
