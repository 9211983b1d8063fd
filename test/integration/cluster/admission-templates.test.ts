/** Templates of pods, where the chart has the API server ask about them: early words at the Deployment, and pins that GitOps lives with. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { kubectl } from '../../kit/cluster/kubectl.ts';
import { type Json, pod } from '../../kit/fakes/pods.ts';
import { workload } from './support/objects.ts';
import { clusterSuite, patienceMs } from './support/suite.ts';
import { untilTrue } from './support/until.ts';
import { startWorld, type World } from './support/world.ts';

const suite = await clusterSuite();

/** Where templates are pinned; elsewhere they are only judged. */
const pins = 'gitops';

/** One workload of each kind that creates no pods, so that every request is about itself. */
const kinds: Readonly<Record<string, (image: string) => Json>> = {
  deployment: (image) => workload('Deployment', image, { replicas: 0 }),
  statefulset: (image) => ({
    ...workload('Deployment', image, { replicas: 0, serviceName: 'w' }),
    kind: 'StatefulSet',
  }),
  job: (image) => workload('Job', image, { suspend: true }),
  cronjob: (image) => ({
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name: 'w' },
    spec: { schedule: '0 0 1 1 *', suspend: true, jobTemplate: { spec: workload('Job', image)['spec'] } },
  }),
};

suite('templates of pods', () => {
  let world: World;
  beforeAll(async () => {
    const rules = [{ namespaces: [pins], pin: 'templates' }];
    world = await startWorld({ install: { values: { config: { policy: { mode: 'enforce', rules } } } } });
    await world.kubectl('create', 'namespace', pins);
  }, patienceMs);
  afterAll(async () => {
    await world?.[Symbol.asyncDispose]();
  });
  const pinned = (name: string) => `${name.replace('library/', '')}@${world.digests[name]}`;
  const image = async (namespace: string, kind: string) => {
    const template = kind === 'cronjob' ? '.spec.jobTemplate.spec.template' : '.spec.template';
    const path = `-o=jsonpath={${template}.spec.containers[0].image}`;
    return (await world.kubectl('-n', namespace, 'get', kind, 'w', path)).stdout;
  };
  /** Standard error, '' when all is well. */
  const changed = async (namespace: string, ...args: readonly string[]) =>
    (await world.kubectl('-n', namespace, ...args)).stderr;

  test.each(Object.keys(kinds))('a %s whose image is nowhere is denied itself', async (kind) => {
    const shop = await world.namespace();
    expect(await world.create(shop, kinds[kind]?.('team/ghost:9') ?? {})).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/"validate\.pratique\.dev" denied the request[^]*team\/ghost:9/),
    });
    expect(await world.create(shop, kinds[kind]?.('nginx:1.27') ?? {})).toMatchObject({
      status: 0,
      stderr: '',
    });
    expect(await image(shop, kind)).toBe('nginx:1.27');
  });

  test('so is a DaemonSet', async () => {
    const shop = await world.namespace();
    expect(await world.create(shop, workload('DaemonSet', 'team/ghost:9'))).toMatchObject({ status: 1 });
  });

  test.each([
    ['deployment', '{"spec":{"minReadySeconds":5}}'],
    ['statefulset', '{"spec":{"minReadySeconds":5}}'],
    ['job', '{"spec":{"activeDeadlineSeconds":600}}'],
    ['cronjob', '{"spec":{"schedule":"0 0 2 2 *"}}'],
  ])('a %s that changes is not asked about while its images are the same', async (kind, patch) => {
    const shop = await world.namespace();
    await world.create(shop, kinds[kind]?.('nginx:1.27') ?? {});
    const calls = await world.asked(async () => {
      expect(await changed(shop, 'label', kind, 'w', 'tier=front')).toBe('');
      expect(await changed(shop, 'patch', kind, 'w', '--type=merge', `--patch=${patch}`)).toBe('');
    });
    expect(calls).toBe(0);
  });

  // A Job's template cannot be changed.
  test.each(['deployment', 'statefulset', 'cronjob'])('a %s is when its image is another', async (kind) => {
    const shop = await world.namespace();
    await world.create(shop, kinds[kind]?.('nginx:1.27') ?? {});
    const to = (written: string) => changed(shop, 'set', 'image', `${kind}/w`, `c=${written}`);
    expect(await to('team/ghost:9')).toContain('team/ghost:9');
    expect(await image(shop, kind)).toBe('nginx:1.27');
    expect(await world.asked(async () => expect(await to('nginx:1.28')).toBe(''))).toBe(2);
    expect(await image(shop, kind)).toBe('nginx:1.28');
  });

  test('pods are asked about as ever: new ones, new images, and nothing else', async () => {
    const shop = await world.namespace();
    const web = pod('web').container('nginx:1.27', { name: 'web' }).build();
    expect(await world.create(shop, web)).toMatchObject({ status: 0, stderr: '' });
    expect(await world.image(shop, 'web')).toBe(pinned('library/nginx:1.27'));
    expect(await world.asked(() => changed(shop, 'label', 'pod', 'web', 'tier=front'))).toBe(0);
    expect(await changed(shop, 'set', 'image', 'pod/web', 'web=nginx:1.28')).toBe('');
    expect(await world.image(shop, 'web')).toBe(pinned('library/nginx:1.28'));
  });

  test.each(Object.keys(kinds))('a %s is pinned where templates are', async (kind) => {
    expect(await world.create(pins, kinds[kind]?.('nginx:1.27') ?? {})).toMatchObject({ status: 0 });
    expect(await image(pins, kind)).toBe(pinned('library/nginx:1.27'));
    await world.kubectl('-n', pins, 'delete', kind, 'w');
  });

  test('a pinned Deployment applied again is as it was, a dry run finds no difference, and it rolls out once', async () => {
    const manifest = { ...workload('Deployment', 'nginx:1.27', { replicas: 2 }) };
    const object = { ...manifest, metadata: { name: 'w', namespace: pins } };
    const stdin = JSON.stringify(object);
    const { kubeconfig } = world.cluster;
    const apply = () => kubectl(kubeconfig, ['apply', '--server-side', '-f', '-'], { stdin });
    const first = await apply();
    expect(first).toMatchObject({ status: 0, stderr: '' });
    const before = await world.kubectl(
      '-n',
      pins,
      'get',
      'deployment',
      'w',
      '-o=jsonpath={.metadata.generation}',
    );
    expect(await apply()).toMatchObject({ status: 0, stderr: '' });
    const after = await world.kubectl(
      '-n',
      pins,
      'get',
      'deployment',
      'w',
      '-o=jsonpath={.metadata.generation}',
    );
    expect(after.stdout).toBe(before.stdout);
    expect(await kubectl(kubeconfig, ['diff', '--server-side', '-f', '-'], { stdin })).toMatchObject({
      status: 0,
      stdout: '',
    });
    const pods = '-o=jsonpath={.items[*].spec.containers[0].image}';
    const two = Array(2).fill(pinned('library/nginx:1.27')).join(' ');
    await untilTrue(
      'its pods are there',
      async () => (await world.kubectl('-n', pins, 'get', 'pods', pods)).stdout === two,
    );
    const sets = await world.kubectl('-n', pins, 'get', 'replicasets', '-o', 'name');
    expect(sets.stdout.trim().split('\n')).toHaveLength(1);
  });
});
