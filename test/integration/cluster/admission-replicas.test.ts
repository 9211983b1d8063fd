/** Two replicas and `failurePolicy: Fail`, so that every admission that is lost shows: roll-outs, a crash, bad versions, nobody there. */
import { readFile, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { must } from '../../kit/cluster/kubectl.ts';
import { pod } from '../../kit/fakes/pods.ts';
import { startLoad } from './support/load.ts';
import { clusterSuite, patienceMs } from './support/suite.ts';
import { untilTrue } from './support/until.ts';
import { startWorld, type World } from './support/world.ts';

const suite = await clusterSuite();

suite('replicas come and go', () => {
  let world: World;
  let shop: string;
  const concurrency = 8;
  beforeAll(async () => {
    world = await startWorld({
      install: { replicas: 2, values: { webhooks: { failurePolicy: 'Fail' } } },
    });
    shop = await world.namespace('enforce');
  }, patienceMs);
  afterAll(async () => {
    await world?.[Symbol.asyncDispose]();
  });
  const load = () => startLoad(world.api, { namespace: shop, image: 'nginx:1.27', concurrency });
  const pinned = () => `nginx:1.27@${world.digests['library/nginx:1.27']}`;
  const leader = async () => {
    const path = '-o=jsonpath={.spec.holderIdentity}';
    return must(world.cluster.kubeconfig, ['-n', 'pratique-system', 'get', 'lease', 'pratique', path]);
  };

  test('both are asked', async () => {
    const running = load();
    await running.more(100);
    await running.stop();
    const asked = await Promise.all(
      world.pratique.replicas.map((replica) => replica.sum('pratique_admission_requests_total{')),
    );
    expect(asked.every((count) => count > 0)).toBe(true);
  });

  test(
    'no admission fails in a roll-out, and each is pinned',
    async () => {
      const running = load();
      const before = world.pratique.replicas;
      for (const old of before) {
        await running.more(50);
        await world.pratique.add();
        expect(await world.pratique.remove(old)).toBe(0);
      }
      await running.more(50);
      const all = await running.stop();
      expect(new Set(all.map(({ status, message }) => `${status} ${message}`))).toEqual(new Set(['201 ']));
      expect(new Set(all.map(({ image }) => image))).toEqual(new Set([pinned()]));
      expect(world.pratique.replicas.length).toBe(2);
    },
    patienceMs,
  );

  test(
    'one is killed under load: what it had in hand is lost, nothing after that; the other one leads',
    async () => {
      const running = load();
      await running.more(50);
      const name = await leader();
      const [first, second] = world.pratique.replicas;
      const [doomed, other] = name.includes(first?.name ?? '-') ? [first, second] : [second, first];
      const at = performance.now();
      process.kill(doomed?.pid ?? 0, 'SIGKILL');
      await doomed?.exited;
      const dead = performance.now();
      await untilTrue(
        'the other one leads',
        async () => (await leader()).includes(other?.name ?? '-'),
        60_000,
      );
      await running.more(50);
      const all = await running.stop();
      const lost = all.filter(({ status }) => status !== 201);
      // A connection that breaks takes along what was sent on it; one that is new finds the other replica.
      expect(lost.length).toBeLessThanOrEqual(2 * concurrency);
      expect(lost.every((each) => each.at < dead + 1_000)).toBe(true);
      expect(all.filter((each) => each.at > at).length).toBeGreaterThan(50);
      await world.pratique.add();
    },
    patienceMs,
  );

  test(
    'a replica with a configuration that is wrong never serves; the others do',
    async () => {
      const { configuration } = world.pratique;
      const good = await readFile(configuration, 'utf8');
      await writeFile(configuration, good.replace(/^policy:/m, 'policies:'));
      await expect(world.pratique.add()).rejects.toThrow('policies');
      const web = pod('web').container('nginx:1.27').build();
      expect(await world.create(shop, web, '--dry-run=server')).toMatchObject({ status: 0, stderr: '' });
      // They noticed the bad version as well, and stay with the good one.
      await Promise.all(world.pratique.replicas.map((replica) => replica.event('configuration-rejected')));
      expect(await world.create(shop, web, '--dry-run=server')).toMatchObject({ status: 0, stderr: '' });
      await writeFile(configuration, good);
    },
    patienceMs,
  );

  test(
    'with nobody there, Fail lets no pod in but where Pratique is never asked',
    async () => {
      const web = pod('web').container('nginx:1.27').build();
      for (const replica of world.pratique.replicas) await world.pratique.remove(replica);
      expect(await world.create(shop, web)).toMatchObject({
        status: 1,
        stderr: expect.stringContaining('failed calling webhook "mutate.pratique.dev"'),
      });
      for (const name of ['kube-system', 'pratique-system']) {
        expect(await world.create(name, web)).toMatchObject({ status: 0 });
      }
      await world.pratique.add();
      expect(await world.create(shop, web)).toMatchObject({ status: 0, stderr: '' });
    },
    patienceMs,
  );
});
