/** A roll-back on a real API server: what ran before runs again as it was, although its tag has moved and none of its pods is left. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { multiArch } from '../../kit/registries/images.ts';
import { startKubelets } from '../../kit/cluster/nodes/kubelet.ts';
import { pinned } from '../../kit/cluster/nodes/node-images.ts';
import { must } from '../../kit/cluster/kubectl.ts';
import { type Json, pod } from '../../kit/fakes/pods.ts';
import { workload } from './support/objects.ts';
import { clusterSuite, patienceMs } from './support/suite.ts';
import { untilTrue } from './support/until.ts';
import { startWorld, type World } from './support/world.ts';

const suite = await clusterSuite();

const everywhere = ['linux/amd64', 'linux/arm64'];
const short = (digest: string) => digest.slice(0, 'sha256:'.length + 12);

interface Listed {
  readonly metadata: { readonly uid: string; readonly name: string; readonly deletionTimestamp?: string };
  readonly spec: { readonly replicas?: number; readonly containers?: readonly { readonly image: string }[] };
}

interface Inspection {
  readonly spec: { readonly image: string };
  readonly status?: { readonly pins?: readonly { readonly ownerUID: string; readonly digest: string }[] };
}

interface PinGone {
  readonly reason: string;
  readonly message: string;
}

suite('a roll-back', () => {
  let world: World;
  let kubelets: AsyncDisposable;

  beforeAll(async () => {
    world = await startWorld({ install: { configuration: { registry: { endpointTimeout: '10s' } } } });
    kubelets = await startKubelets(world.cluster.kubeconfig, {
      pull: (image) => Promise.resolve(pinned(image)),
    });
  }, patienceMs);
  afterAll(async () => {
    await kubelets?.[Symbol.asyncDispose]();
    await world?.[Symbol.asyncDispose]();
  });

  async function list<T>(namespace: string, kind: string): Promise<readonly T[]> {
    const text = await must(world.cluster.kubeconfig, ['-n', namespace, 'get', kind, '-o', 'json']);
    return (JSON.parse(text) as { items: T[] }).items;
  }

  const images = async (namespace: string) => {
    const pods = await list<Listed>(namespace, 'pods');
    return pods.flatMap(({ spec }) => (spec.containers ?? []).map(({ image }) => image));
  };

  /** kubectl's own words; resolves when none but its pods are there. */
  async function rollout(namespace: string, verb: 'restart' | 'undo' | 'status'): Promise<void> {
    const { kubeconfig } = world.cluster;
    const on = ['deployment/w', '-n', namespace];
    if (verb !== 'status') await must(kubeconfig, ['rollout', verb, ...on]);
    await must(kubeconfig, ['rollout', 'status', ...on, '--timeout=60s']);
    await untilTrue(
      'no pod of another ReplicaSet is left',
      async () => (await images(namespace)).length === 2,
    );
  }

  /** Its one ReplicaSet, once an ImageInspection tells what its pods are pinned to. */
  async function rolledOut(
    namespace: string,
    image: string,
    digest: string,
    imagePullPolicy = 'IfNotPresent',
  ): Promise<string> {
    await world.create(namespace, workload('Deployment', image, { replicas: 2 }, { imagePullPolicy }));
    await rollout(namespace, 'status');
    expect(await images(namespace)).toEqual(Array(2).fill(`${image}@${digest}`));
    const uid = (await list<Listed>(namespace, 'replicasets'))[0]?.metadata.uid ?? '';
    await untilTrue('its pins are written', async () => (await pinOf(namespace, image, uid)) === digest);
    return uid;
  }

  async function pinOf(namespace: string, image: string, uid: string): Promise<string | undefined> {
    const found = await list<Inspection>(namespace, 'imageinspections');
    const pins = found.find(({ spec }) => spec.image === image)?.status?.pins ?? [];
    return pins.find(({ ownerUID }) => ownerUID.startsWith(uid))?.digest;
  }

  async function change(namespace: string, template: Json): Promise<void> {
    const patch = JSON.stringify({ spec: { template } });
    await must(world.cluster.kubeconfig, ['-n', namespace, 'patch', 'deployment', 'w', '-p', patch]);
    await rollout(namespace, 'status');
  }

  /** Starts a replica that has seen none of the pods created: it knows only what is in the cluster. */
  async function anotherPratique(): Promise<void> {
    const before = world.pratique.replicas;
    await world.pratique.add();
    for (const replica of before) await world.pratique.remove(replica);
  }

  test(
    'pods of the earlier ReplicaSet get their earlier pin, those of a new one a new pin',
    async () => {
      const shop = await world.namespace('enforce');
      const image = 'team/app:stable';
      const first = await world.registry.put('team/app', 'stable', multiArch(everywhere, { salt: 'A' }));
      const uid = await rolledOut(shop, image, first);
      await change(shop, { spec: { containers: [{ name: 'c', image: 'nginx:1.27' }] } });
      expect(await images(shop)).toEqual(Array(2).fill(`nginx:1.27@${world.digests['library/nginx:1.27']}`));
      const second = await world.registry.put('team/app', 'stable', multiArch(everywhere, { salt: 'B' }));
      await anotherPratique();
      // Nobody uses the image now, and what its pods were pinned to is still known.
      expect(await pinOf(shop, image, uid)).toBe(first);

      await rollout(shop, 'undo');
      expect(await images(shop)).toEqual(Array(2).fill(`${image}@${first}`));
      expect(await scaledUp(shop)).toEqual([uid]);

      await rollout(shop, 'restart');
      expect(await images(shop)).toEqual(Array(2).fill(`${image}@${second}`));
      // Each owner keeps its own: the next roll-back finds the first again.
      const [restarted = ''] = await scaledUp(shop);
      expect(restarted).not.toBe(uid);
      await untilTrue('its pin is written', async () => (await pinOf(shop, image, restarted)) === second);
      expect(await pinOf(shop, image, uid)).toBe(first);
      await rollout(shop, 'undo');
      expect(await images(shop)).toEqual(Array(2).fill(`${image}@${first}`));
    },
    patienceMs,
  );

  const scaledUp = async (namespace: string) =>
    (await list<Listed>(namespace, 'replicasets'))
      .filter(({ spec }) => spec.replicas === 2)
      .map(({ metadata }) => metadata.uid);

  test(
    'a digest that the registry lost is resolved again, with a warning and an Event on the Deployment',
    async () => {
      const shop = await world.namespace('enforce');
      const image = 'team/gone:stable';
      const first = await world.registry.put('team/gone', 'stable', multiArch(everywhere, { salt: 'gone' }));
      // With Always the nodes cannot start it from what they hold.
      const uid = await rolledOut(shop, image, first, 'Always');
      // The same image, but another template.
      await change(shop, { metadata: { annotations: { release: '2' } } });
      expect(await images(shop)).toEqual(Array(2).fill(`${image}@${first}`));
      const second = await world.registry.put('team/gone', 'stable', multiArch(everywhere, { salt: 'new' }));
      const { url } = world.registry.registry;
      const removed = await fetch(`${url}/v2/team/gone/manifests/${first}`, { method: 'DELETE' });
      expect(removed.status).toBe(202);
      await anotherPratique();

      // kube-controller-manager keeps its warnings to itself: a person makes such a pod to see them.
      const owner = await ownerReference(shop, uid);
      const path = 'jsonpath={.spec.containers[0].image}';
      // Nodes that hold it can start it, unless the pod asks for a pull.
      const held = pod('held').container(image, { name: 'c' }).meta('ownerReferences', [owner]).build();
      const kept = await world.create(shop, held, '--dry-run=server', '-o', path);
      expect(kept.stdout).toBe(`${image}@${first}`);
      const asked = pod('asked')
        .container(image, { name: 'c', pullPolicy: 'Always' })
        .meta('ownerReferences', [owner])
        .build();
      const { stdout, stderr } = await world.create(shop, asked, '--dry-run=server', '-o', path);
      expect(stdout).toBe(`${image}@${second}`);
      expect(stderr).toContain(`was ${short(first)} in earlier pods, which no longer exists`);

      await rollout(shop, 'undo');
      expect(await scaledUp(shop)).toEqual([uid]);
      expect(await images(shop)).toEqual(Array(2).fill(`${image}@${second}`));
      await untilTrue('the new pin is written', async () => (await pinOf(shop, image, uid)) === second);
      let told: readonly PinGone[] = [];
      await untilTrue('the Deployment hears of it', async () => {
        const events = await list<PinGone>(shop, 'events');
        told = events.filter(({ reason }) => reason === 'PinnedDigestNotFound');
        return told.length > 0;
      });
      expect(told).toMatchObject([{ type: 'Warning', involvedObject: { kind: 'Deployment', name: 'w' } }]);
      expect(told[0]?.message).toContain(
        `the digest of earlier pods, ${short(first)}, is gone; new pods get ${short(second)}`,
      );
    },
    patienceMs,
  );

  async function ownerReference(namespace: string, uid: string): Promise<Json> {
    const sets = await list<Listed>(namespace, 'replicasets');
    const name = sets.find(({ metadata }) => metadata.uid === uid)?.metadata.name;
    return { apiVersion: 'apps/v1', kind: 'ReplicaSet', name, uid, controller: true };
  }
});
