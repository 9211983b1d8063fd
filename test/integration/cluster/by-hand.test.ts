/** What people ask for by hand: ImageInspections of their own with platforms, secrets and an interval; mirrors compared; nodes that may come; and who may do so. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { multiArch } from '../../kit/registries/images.ts';
import { must } from '../../kit/cluster/kubectl.ts';
import { type Json, pod } from '../../kit/fakes/pods.ts';
import {
  dockerConfig,
  passwordStand,
  plainStand,
  type Stand,
} from '../../kit/registries/registry-fixtures.ts';
import { auditEvents } from './support/audit.ts';
import { having } from './support/objects.ts';
import { clusterSuite, patienceMs } from './support/suite.ts';
import { untilTrue } from './support/until.ts';
import { startWorld, type World } from './support/world.ts';

const suite = await clusterSuite();

const user = 'system:serviceaccount:pratique-system:pratique';
/** Asked for as well: without, those of all nodes count, Windows included. */
const platforms = ['linux/amd64', 'linux/arm64'];
const burst = { key: 'pool', value: 'burst', effect: 'NoSchedule' };

interface Status {
  readonly result: string;
  readonly reason?: string;
  readonly digest?: string;
  readonly missingPlatforms?: readonly string[];
  readonly usedBy: { readonly pods: number };
  readonly conditions: readonly {
    readonly type: string;
    readonly status: string;
    readonly reason: string;
    readonly message: string;
  }[];
}

suite('asked by hand', () => {
  const running = new AsyncDisposableStack();
  let world: World;
  let secured: Stand;
  let mirror: Stand;

  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'pratique-by-hand-'));
    running.defer(() => rm(folder, { recursive: true, force: true }));
    secured = running.use(await passwordStand());
    mirror = running.use(await plainStand());
    await secured.put('team/private', '1', multiArch(platforms));
    await writeFile(join(folder, 'ca.crt'), secured.ca);
    world = running.use(
      await startWorld({
        install: {
          configuration: {
            controller: { interval: '30m', compareEndpoints: true },
            registry: { endpointTimeout: '10s', caFiles: [join(folder, 'ca.crt')] },
            platforms: {
              additional: [{ platform: 'linux/arm64', labels: { pool: 'burst' }, taints: [burst] }],
            },
          },
        },
      }),
    );
  }, patienceMs);
  afterAll(() => running.disposeAsync());

  async function ask(namespace: string, name: string, spec: Json): Promise<void> {
    const asked = await world.create(namespace, inspectionOf(name, spec));
    expect(asked).toMatchObject({ status: 0, stderr: '' });
  }

  async function statusOf(namespace: string, name: string): Promise<Status | undefined> {
    const { kubeconfig } = world.cluster;
    const text = await must(kubeconfig, ['-n', namespace, 'get', 'imageinspection', name, '-o', 'json']);
    return (JSON.parse(text) as { status?: Status }).status;
  }

  async function answer(namespace: string, name: string): Promise<Status> {
    let status: Status | undefined;
    await untilTrue(`${name} is answered`, async () => {
      status = await statusOf(namespace, name);
      return status !== undefined;
    });
    if (!status) throw new Error('it was there');
    return status;
  }

  const conditionOf = ({ conditions }: Status, wanted: string) =>
    conditions.find(({ type }) => type === wanted);

  test(
    'kubectl waits for the answer, and the platforms asked for are those that count',
    async () => {
      const lab = await world.namespace();
      await ask(lab, 'fits', { image: 'team/legacy:2', platforms: ['linux/amd64'] });
      await ask(lab, 'lacks', { image: 'team/legacy:2', platforms: ['linux/amd64', 'linux/arm64'] });
      await ask(lab, 'ghost', { image: 'team/ghost:9' });
      const wait = (condition: string, name: string) =>
        world.kubectl('-n', lab, 'wait', `--for=condition=${condition}`, `ii/${name}`, '--timeout=30s');
      expect(await wait('Available', 'fits')).toMatchObject({ status: 0, stderr: '' });
      expect(await wait('PlatformsSatisfied', 'fits')).toMatchObject({ status: 0 });
      expect(await wait('PlatformsSatisfied=False', 'lacks')).toMatchObject({ status: 0 });
      expect(await wait('Available=False', 'ghost')).toMatchObject({ status: 0 });
      expect(await statusOf(lab, 'fits')).toMatchObject({ result: 'available', usedBy: { pods: 0 } });
      expect(await statusOf(lab, 'lacks')).toMatchObject({
        result: 'platform-missing',
        missingPlatforms: ['linux/arm64'],
      });
    },
    patienceMs,
  );

  test(
    'of secrets only those that the service account lists are used, and others not even read',
    async () => {
      const lab = await world.namespace();
      const { host } = secured.registry;
      for (const name of ['listed', 'unlisted']) {
        await world.create(lab, pullSecret(name, dockerConfig(host)));
      }
      await world.create(lab, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'without' } });
      await world.create(lab, {
        apiVersion: 'v1',
        kind: 'ServiceAccount',
        metadata: { name: 'with' },
        imagePullSecrets: [{ name: 'listed' }],
      });
      const image = `${host}/team/private:1`;
      const using = (name: string) => ({ image, platforms, imagePullSecrets: [{ name }] });

      await ask(lab, 'stranger', { ...using('unlisted'), serviceAccountName: 'without' });
      expect(await answer(lab, 'stranger')).toMatchObject({
        result: 'not-checked',
        reason: 'SecretNotListed',
      });
      await ask(lab, 'other', { ...using('unlisted'), serviceAccountName: 'with' });
      expect(await answer(lab, 'other')).toMatchObject({ result: 'not-checked', reason: 'SecretNotListed' });
      await ask(lab, 'nobody', { image });
      expect(await answer(lab, 'nobody')).toMatchObject({ result: 'denied' });
      await ask(lab, 'own', { ...using('listed'), serviceAccountName: 'with' });
      expect(await answer(lab, 'own')).toMatchObject({
        result: 'available',
        credentials: [{ serviceAccountName: 'with', imagePullSecrets: ['listed'], result: 'available' }],
      });

      // What was read last is in the log, so all before it is, too.
      const readBy = async () =>
        (await auditEvents(world.cluster))
          .filter(({ user: { username }, objectRef }) => username === user && objectRef?.namespace === lab)
          .filter(({ objectRef }) => objectRef?.resource === 'secrets')
          .map(({ verb, objectRef }) => `${verb} ${objectRef?.name}`);
      await untilTrue('the reading of the listed one is logged', async () => (await readBy()).length > 0);
      expect(new Set(await readBy())).toEqual(new Set(['get listed']));
    },
    patienceMs,
  );

  test(
    "a mirror whose tag is older than the origin's is told of",
    async () => {
      const lab = await world.namespace();
      const folder = join(world.certs, 'origin.test');
      await mkdir(folder);
      const [server, nearer] = [world.registry.registry.url, mirror.registry.url];
      await writeFile(
        join(folder, 'hosts.toml'),
        `server = "${server}"\n\n[host."${nearer}"]\n  capabilities = ["pull", "resolve"]\n`,
      );
      const older = await mirror.put('team/copied', '1', multiArch(platforms, { salt: 'older' }));
      await world.registry.put('team/copied', '1', multiArch(platforms, { salt: 'newer' }));
      for (const stand of [mirror, world.registry]) await stand.put('team/same', '1', multiArch(platforms));
      // A configuration that a file was added to is read again; new objects are asked about with the new one.
      const probe = pod('probe').container('origin.test/team/copied:1').build();
      await untilTrue('the mirror is heard of', async () => {
        const { stdout } = await world.create(lab, probe, '--dry-run=server', '-o', 'json');
        return stdout.includes(older);
      });
      await ask(lab, 'copied', { image: 'origin.test/team/copied:1', platforms });
      const copied = await answer(lab, 'copied');
      // Nodes get what the mirror has.
      expect(copied).toMatchObject({ result: 'available', digest: older });
      expect(conditionOf(copied, 'MirrorsConsistent')).toMatchObject({
        status: 'False',
        reason: 'DigestsDiffer',
        message: expect.stringContaining(nearer),
      });
      await ask(lab, 'same', { image: 'origin.test/team/same:1', platforms });
      expect(conditionOf(await answer(lab, 'same'), 'MirrorsConsistent')).toMatchObject({
        status: 'True',
        reason: 'SameDigest',
      });
    },
    patienceMs,
  );

  test(
    'a node that may come counts at admission, with its labels and taints',
    async () => {
      const shop = await world.namespace('enforce');
      const make = (name: string, image: string, spec: Json) =>
        world.create(shop, having(pod(name).container(image).build(), spec), '--dry-run=server');
      const there = { nodeSelector: { pool: 'burst' } };
      const tolerating = { ...there, tolerations: [{ key: 'pool', operator: 'Exists' }] };
      expect(await make('misfit', 'team/legacy:2', tolerating)).toMatchObject({
        status: 1,
        stderr: expect.stringContaining('linux/arm64'),
      });
      expect(await make('fits', 'team/edge:1', tolerating)).toMatchObject({ status: 0, stderr: '' });
      // Without the toleration it can land nowhere: a warning, and nothing is denied.
      const nowhere = await make('nowhere', 'team/legacy:2', there);
      expect(nowhere).toMatchObject({ status: 0, stderr: expect.stringContaining('Warning:') });
    },
    patienceMs,
  );

  test(
    'with the chart, who may edit a namespace may ask, and only Pratique answers',
    async () => {
      const lab = await world.namespace();
      for (const role of ['edit', 'view']) {
        const bind = ['-n', lab, 'create', 'rolebinding', role, `--clusterrole=${role}`, `--user=${role}or`];
        await must(world.cluster.kubeconfig, bind);
      }
      const may = async (who: string, verb: string, ...more: readonly string[]) => {
        const args = ['-n', lab, 'auth', 'can-i', verb, 'imageinspections.pratique.dev', `--as=${who}`];
        return (await world.kubectl(...args, ...more)).stdout.trim();
      };
      await untilTrue('the roles are aggregated', async () => (await may('editor', 'create')) === 'yes');
      for (const verb of ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete']) {
        expect([verb, await may('editor', verb)]).toEqual([verb, 'yes']);
      }
      expect(await may('editor', 'get', '--subresource=status')).toBe('yes');
      expect(await may('editor', 'update', '--subresource=status')).toBe('no');
      expect(await may('editor', 'patch', '--subresource=status')).toBe('no');
      expect(await may('viewor', 'get')).toBe('yes');
      expect(await may('viewor', 'create')).toBe('no');

      // The API server ignores a status that is written with the rest of the object.
      const forged = { ...inspectionOf('mine', { image: 'team/ghost:9' }), status: { result: 'available' } };
      expect(await world.create(lab, forged, '--as=editor')).toMatchObject({ status: 0 });
      expect(await answer(lab, 'mine')).toMatchObject({ result: 'not-found' });
      const patch = ['--subresource=status', '--type=merge', '-p', '{"status":{"result":"available"}}'];
      const patched = await world.kubectl('-n', lab, 'patch', 'ii', 'mine', '--as=editor', ...patch);
      expect(patched).toMatchObject({ status: 1, stderr: expect.stringContaining('Forbidden') });
    },
    patienceMs,
  );

  test(
    'spec.interval: asked again as often as it says, and others only as configured',
    async () => {
      const lab = await world.namespace();
      const image = 'team/often:1';
      const before = await world.registry.put('team/often', '1', multiArch(platforms, { salt: 'before' }));
      await ask(lab, 'often', { image, platforms, interval: '1m' });
      await ask(lab, 'seldom', { image, platforms });
      for (const name of ['often', 'seldom']) {
        expect(await answer(lab, name)).toMatchObject({ result: 'available', digest: before });
      }
      const after = await world.registry.put('team/often', '1', multiArch(platforms, { salt: 'after' }));
      // A quarter more or less, so that not all are asked at once; what is available is not looked into sooner.
      await untilTrue(
        'it is asked again',
        async () => (await statusOf(lab, 'often'))?.digest === after,
        85_000,
      );
      expect(await statusOf(lab, 'seldom')).toMatchObject({ digest: before });
    },
    patienceMs,
  );
});

function inspectionOf(name: string, spec: Json): Json {
  return { apiVersion: 'pratique.dev/v1alpha1', kind: 'ImageInspection', metadata: { name }, spec };
}

function pullSecret(name: string, config: string): Json {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name },
    type: 'kubernetes.io/dockerconfigjson',
    stringData: { '.dockerconfigjson': config },
  };
}
