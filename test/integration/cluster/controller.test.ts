/** What `kubectl get imageinspections` shows on a real API server, and who writes it: objects that come and go with their use, drift, Events, a leader that dies. */

import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { multiArch } from '../../kit/registries/images.ts';
import type { Replica } from '../../kit/cluster/installation.ts';
import { startKubelets } from '../../kit/cluster/nodes/kubelet.ts';
import { pinned } from '../../kit/cluster/nodes/node-images.ts';
import { referenceIn } from '../../../src/judge/image/references.ts';
import type { Reference } from '../../../src/resolve/reference/reference.ts';
import { objectName } from '../../../src/watch/controller/objects/object-name.ts';
import { type Json, pod } from '../../kit/fakes/pods.ts';
import { auditEvents, shown, writesOf } from './support/audit.ts';
import { clusterSuite, patienceMs } from './support/suite.ts';
import { untilTrue } from './support/until.ts';
import { startWorld, type World } from './support/world.ts';

const suite = await clusterSuite();

const everywhere = ['linux/amd64', 'linux/arm64', 'linux/arm/v7'];
const user = 'system:serviceaccount:pratique-system:pratique';

interface Inspection {
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
  readonly spec: { readonly image: string };
  readonly status?: {
    readonly result: string;
    readonly reason?: string;
    readonly digest?: string;
    readonly usedBy: { readonly pods: number; readonly workloads: number };
    readonly running?: readonly { readonly digest: string }[];
    readonly conditions: readonly {
      readonly type: string;
      readonly status: string;
      readonly reason: string;
    }[];
  };
}

suite('the controller on a real API server', () => {
  let world: World;
  let kubelets: AsyncDisposable;

  beforeAll(async () => {
    world = await startWorld({
      install: {
        replicas: 2,
        values: { replicas: 2 },
        // Tolerates a busy machine, which must not look like an outage of the registry.
        configuration: { controller: { interval: '3s' }, registry: { endpointTimeout: '10s' } },
      },
    });
    kubelets = await startKubelets(world.cluster.kubeconfig, {
      pull: (image) => Promise.resolve(pinned(image)),
    });
  }, patienceMs);
  afterAll(async () => {
    await kubelets?.[Symbol.asyncDispose]();
    await world?.[Symbol.asyncDispose]();
  });

  async function inspections(namespace: string): Promise<readonly Inspection[]> {
    const { stdout } = await world.kubectl('-n', namespace, 'get', 'imageinspections', '-o', 'json');
    return (JSON.parse(stdout) as { items: Inspection[] }).items;
  }

  /** The object about `image`, once it is as `until` wants it. */
  async function inspection(
    namespace: string,
    image: string,
    until: (found: Inspection) => boolean = ({ status }) => status !== undefined,
  ): Promise<Inspection> {
    let seen: readonly Inspection[] = [];
    for (const end = Date.now() + 30_000; Date.now() < end; await delay(200)) {
      seen = await inspections(namespace);
      const found = seen.find(({ spec }) => spec.image === image);
      if (found && until(found)) return found;
    }
    throw new Error(`${image} in ${namespace}: ${JSON.stringify(seen, null, 2)}`);
  }

  const isDrifted = ({ status }: Inspection): boolean =>
    status?.conditions.some(({ type, status }) => type === 'Drifted' && status === 'True') ?? false;

  async function leader() {
    for (const end = Date.now() + 60_000; Date.now() < end; await delay(100)) {
      const found = await Promise.all(
        world.pratique.replicas.map(async (replica) => ({
          replica,
          leads: await replica.sum('pratique_leader'),
        })),
      );
      const leading = found.filter(({ leads }) => leads === 1);
      if (leading[0] && leading.length === 1) return leading[0].replica;
    }
    throw new Error('nobody leads');
  }

  const deployment = (name: string, image: string): Json => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      replicas: 1,
      selector: { matchLabels: { app: name } },
      template: pod(name).label('app', name).container(image).template(),
    },
  });

  test(
    'a pod brings an object about its image, by what was written and not by the pin',
    async () => {
      const shop = await world.namespace('enforce');
      await world.kubectl('-n', shop, 'run', 'web', '--image=nginx:1.27');
      const found = await inspection(shop, 'nginx:1.27', ({ status }) => (status?.running ?? []).length > 0);
      expect(found.metadata.labels).toEqual({ 'app.kubernetes.io/managed-by': 'pratique' });
      expect(found.status).toMatchObject({
        result: 'available',
        digest: world.digests['library/nginx:1.27'],
        running: [{ digest: world.digests['library/nginx:1.27'], pods: 1 }],
      });
    },
    patienceMs,
  );

  test(
    'an image whose pods are refused shows up by its workload, which hears of it by an Event',
    async () => {
      const shop = await world.namespace('enforce');
      await world.create(shop, deployment('ghost', 'team/ghost:9'));
      const found = await inspection(shop, 'team/ghost:9');
      expect(found.status).toMatchObject({ result: 'not-found', usedBy: { pods: 0, workloads: 1 } });
      const events = await eventsOf(shop, 'Deployment');
      expect(events).toMatchObject([
        { reason: 'ImageNotFound', type: 'Warning', involvedObject: { name: 'ghost' } },
      ]);
      expect(events[0]?.message).toContain('team/ghost:9');
      await world.create(shop, deployment('phantom', 'team/ghost:9'));
      const both = await eventsOf(shop, 'Deployment', 2);
      expect(both.map(({ involvedObject }) => involvedObject.name).sort()).toEqual(['ghost', 'phantom']);
    },
    patienceMs,
  );

  async function eventsOf(namespace: string, kind: string, count = 1) {
    for (const end = Date.now() + 30_000; Date.now() < end; await delay(200)) {
      const { stdout } = await world.kubectl(
        '-n',
        namespace,
        'get',
        'events',
        '-o',
        'json',
        `--field-selector=involvedObject.kind=${kind}`,
      );
      const { items } = JSON.parse(stdout) as {
        items: {
          reason: string;
          type: string;
          message: string;
          involvedObject: { name: string };
          source: { component?: string };
          reportingComponent?: string;
        }[];
      };
      const own = items.filter(
        ({ source, reportingComponent }) => (reportingComponent || source.component) === 'pratique',
      );
      if (own.length >= count) return own;
    }
    return [];
  }

  test(
    'a question that a person asks by hand is answered, and stays',
    async () => {
      const lab = await world.namespace();
      await world.create(lab, {
        apiVersion: 'pratique.dev/v1alpha1',
        kind: 'ImageInspection',
        metadata: { name: 'mine' },
        spec: { image: 'team/legacy:2', platforms: ['linux/arm64'] },
      });
      const { status } = await inspection(lab, 'team/legacy:2');
      expect(status).toMatchObject({
        result: 'platform-missing',
        missingPlatforms: ['linux/arm64'],
        usedBy: { pods: 0 },
      });
    },
    patienceMs,
  );

  test(
    'an object of a person under the name of an image in use stays, and is told what it hides',
    async () => {
      const shop = await world.namespace('enforce');
      const name = objectName('nginx:1.28', referenceIn('nginx:1.28') as Reference);
      await world.create(shop, {
        apiVersion: 'pratique.dev/v1alpha1',
        kind: 'ImageInspection',
        metadata: { name },
        spec: { image: 'team/assets:3' },
      });
      await world.kubectl('-n', shop, 'run', 'web', '--image=nginx:1.28');
      const events = await eventsOf(shop, 'ImageInspection');
      expect(events).toMatchObject([{ reason: 'NameTaken', type: 'Warning', involvedObject: { name } }]);
      expect((await inspections(shop)).map(({ spec }) => spec.image)).toEqual(['team/assets:3']);
      await world.kubectl('-n', shop, 'delete', 'imageinspection', name);
      const found = await inspection(shop, 'nginx:1.28');
      expect(found.metadata).toMatchObject({ name, labels: { 'app.kubernetes.io/managed-by': 'pratique' } });
    },
    patienceMs,
  );

  test(
    'a tag that moves away from what runs is drift: told by the object, by the metric and by one Event',
    async () => {
      const shop = await world.namespace('enforce');
      await world.registry.put('team/moving', '1', multiArch(everywhere, { salt: 'before' }));
      await world.create(shop, deployment('moving', 'team/moving:1'));
      await inspection(shop, 'team/moving:1', ({ status }) => (status?.running ?? []).length > 0);
      const moved = await world.registry.put('team/moving', '1', multiArch(everywhere, { salt: 'after' }));
      const found = await inspection(shop, 'team/moving:1', isDrifted);
      expect(found.status?.digest).toBe(moved);
      expect(await eventsOf(shop, 'Deployment')).toMatchObject([{ reason: 'ImageDrifted' }]);
      expect(await (await leader()).sum('pratique_images_drifted')).toBe(1);
    },
    patienceMs,
  );

  test(
    'nothing is written while nothing changes, although everything is inspected again and again',
    async () => {
      await leader();
      const asked = () => world.pratique.sum('pratique_inspections_total');
      // What the tests before have set off comes to rest.
      let writes = -1;
      for (let now = await written(); now !== writes; now = await written()) {
        writes = now;
        // Longer than from one inspection to the next.
        await delay(5_000);
      }
      const before = await asked();
      await delay(8_000);
      expect(await asked()).toBeGreaterThan(before);
      const events = writesOf(user, await auditEvents(world.cluster)).slice(writes);
      const log = world.pratique.replicas.flatMap((replica) => replica.log.slice(-40));
      expect([events.map(shown), events.length === 0 ? [] : log]).toEqual([[], []]);
    },
    patienceMs,
  );

  async function written(): Promise<number> {
    return writesOf(user, await auditEvents(world.cluster)).length;
  }

  test(
    'when the leader is killed the other one goes on, and writes nothing twice',
    async () => {
      const shop = await world.namespace('enforce');
      await world.kubectl('-n', shop, 'run', 'first', '--image=busybox:1.37');
      await inspection(shop, 'busybox:1.37');
      const first = await leader();
      const before = await written();
      first.child.kill('SIGKILL');
      await first.exited;
      await world.kubectl('-n', shop, 'run', 'second', '--image=nginx:1.28');
      // The Lease runs out after fifteen seconds.
      expect((await leader()).name).not.toBe(first.name);
      await inspection(shop, 'nginx:1.28');
      const writes = writesOf(user, await auditEvents(world.cluster)).slice(before);
      const objects = writes.filter(({ objectRef }) => objectRef?.resource === 'imageinspections');
      const others = objects.filter(({ objectRef }) => !objectRef?.name?.startsWith('nginx-1.28-'));
      expect(others.map(({ verb, objectRef }) => `${verb} ${objectRef?.name}`)).toEqual([]);
      expect(objects.filter(({ objectRef }) => objectRef?.subresource === undefined)).toHaveLength(1);
    },
    patienceMs,
  );

  test(
    'an image that is used no longer loses its object after a minute',
    async () => {
      const shop = await world.namespace('enforce');
      await world.kubectl('-n', shop, 'run', 'short', '--image=team/assets:3');
      await inspection(shop, 'team/assets:3');
      await world.kubectl('-n', shop, 'delete', 'pod', 'short', '--force', '--grace-period=0');
      let left = await inspections(shop);
      for (const end = Date.now() + 90_000; left.length > 0 && Date.now() < end; await delay(500)) {
        left = await inspections(shop);
      }
      expect(left).toEqual([]);
    },
    patienceMs,
  );

  test(
    'pods that were stored while Pratique was down are counted once, told, and inspected',
    async () => {
      const shop = await world.namespace('warn');
      await Promise.all(world.pratique.replicas.map((replica) => world.pratique.remove(replica)));
      await world.kubectl('-n', shop, 'run', 'missed', '--image=nginx:1.27');
      await world.pratique.add();
      const { status } = await inspection(shop, 'nginx:1.27');
      expect(status?.result).toBe('available');
      const reasons = (await eventsOf(shop, 'Pod')).map(({ reason }) => reason);
      // The pod runs by its tag although the policy pins it.
      expect(reasons.sort()).toEqual(['AdmissionMissed', 'ImageNotPinned']);
      const first = await leader();
      expect(missedBy(first)).toEqual(['missed']);
      expect(await first.sum('pratique_pods_missed_total')).toBeGreaterThanOrEqual(1);
      await world.pratique.remove(first);
      await world.pratique.add();
      const next = await leader();
      await next.event('controller-synced');
      expect(missedBy(next)).toEqual([]);

      // Those of the tests before, which are refused again and again, slip in while nobody is there to refuse them.
      function missedBy({ log }: Replica): readonly unknown[] {
        const own = log.filter(({ event, namespace }) => event === 'admission-missed' && namespace === shop);
        return own.map(({ name }) => name);
      }
    },
    patienceMs,
  );

  test(
    'pods that opt out are counted',
    async () => {
      const shop = await world.namespace('warn');
      const ghost = pod('ghost').label('pratique.dev/skip', 'true').container('team/ghost:9').build();
      expect(await world.create(shop, ghost)).toMatchObject({ status: 0 });
      const leading = await leader();
      const counted = () => leading.sum('pratique_pods_opted_out');
      await untilTrue('it is counted', async () => (await counted()) === 1);
      await world.kubectl('-n', shop, 'delete', 'pod', 'ghost', '--force', '--grace-period=0');
      await untilTrue('it is counted no longer', async () => (await counted()) === 0);
    },
    patienceMs,
  );

  test(
    'a pod is not missed where the API server is not to ask about it: without the mutating webhook',
    async () => {
      const shop = await world.namespace('warn');
      const first = await leader();
      await world.kubectl('delete', 'mutatingwebhookconfiguration', 'pratique');
      // The watch of the configuration shows its deletion within milliseconds.
      await delay(2_000);
      await world.kubectl('-n', shop, 'run', 'unasked', '--image=nginx:1.27');
      await inspection(shop, 'nginx:1.27');
      expect(
        first.log.filter(({ event, namespace }) => event === 'admission-missed' && namespace === shop),
      ).toEqual([]);
    },
    patienceMs,
  );
});
