/** What Pratique reads and writes while it judges: nothing written, secrets one by one, verdicts in the audit log, words within the API server's limits. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { multiArch } from '../../kit/registries/images.ts';
import { must } from '../../kit/cluster/kubectl.ts';
import { type Json, pod } from '../../kit/fakes/pods.ts';
import { dockerConfig, passwordStand, type Stand } from '../../kit/registries/registry-fixtures.ts';
import { auditEvents, writesOf } from './support/audit.ts';
import { startLoad } from './support/load.ts';
import { clusterSuite, patienceMs } from './support/suite.ts';
import { startWorld, type World } from './support/world.ts';

const suite = await clusterSuite();
const user = 'system:serviceaccount:pratique-system:pratique';

suite('Pratique while it judges', () => {
  let world: World;
  let secured: Stand;
  let folder: string;
  beforeAll(async () => {
    secured = await passwordStand();
    await secured.put('shop/pay', '1', multiArch(['linux/amd64', 'linux/arm64'], { salt: 'pay' }));
    folder = await mkdtemp(join(tmpdir(), 'pratique-ca-'));
    await writeFile(join(folder, 'ca.pem'), secured.ca);
    world = await startWorld({
      install: {
        values: { config: { policy: { mode: 'warn', namespaceLabel: 'honour' } } },
        configuration: { registry: { caFiles: [join(folder, 'ca.pem')] } },
      },
    });
  }, patienceMs);
  afterAll(async () => {
    await world?.[Symbol.asyncDispose]();
    await secured?.[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  test(
    'a thousand admissions, and not one write',
    async () => {
      const shop = await world.namespace('enforce');
      const load = startLoad(world.api, { namespace: shop, image: 'nginx:1.27', concurrency: 8 });
      await load.more(50);
      const before = (await auditEvents(world.cluster)).length;
      await load.more(1_000);
      const all = await load.stop();
      expect(all.every(({ status, image }) => status === 201 && image.includes('@sha256:'))).toBe(true);
      const events = (await auditEvents(world.cluster)).slice(before);
      expect(events.filter(({ verb }) => verb === 'create').length).toBeGreaterThanOrEqual(1_000);
      expect(writesOf(user, events)).toEqual([]);
    },
    patienceMs,
  );

  test('where labels are honoured, a namespace that is off is not even asked about', async () => {
    const lab = await world.namespace('off');
    const calls = await world.asked(async () => {
      const ghost = pod('ghost').container('team/ghost:9').build();
      expect(await world.create(lab, ghost)).toMatchObject({ status: 0, stderr: '' });
    });
    expect(calls).toBe(0);
  });

  test('the verdict is in the audit log', async () => {
    const shop = await world.namespace('enforce');
    await world.create(shop, pod('ghost').container('team/ghost:9').build());
    const annotations = (await auditEvents(world.cluster))
      .filter(({ objectRef }) => objectRef?.namespace === shop && objectRef.resource === 'pods')
      .flatMap((event) => Object.entries(event.annotations ?? {}));
    expect(annotations).toContainEqual(['validate.pratique.dev/verdict', 'deny not-found']);
    expect(annotations).toContainEqual([
      'validate.pratique.dev/findings',
      expect.stringContaining('team/ghost:9'),
    ]);
  });

  test('a pull secret opens what it is for, in its own namespace only, and is read once', async () => {
    const [shop, lab] = [await world.namespace('enforce'), await world.namespace('enforce')];
    await must(world.cluster.kubeconfig, ['create', '-f', '-'], {
      stdin: JSON.stringify({
        apiVersion: 'v1',
        kind: 'Secret',
        type: 'kubernetes.io/dockerconfigjson',
        metadata: { name: 'pull', namespace: shop },
        stringData: { '.dockerconfigjson': dockerConfig(secured.registry.host) },
      }),
    });
    const pay = (name: string): Json => {
      const built = pod(name).container(`${secured.registry.host}/shop/pay:1`).build();
      return { ...built, spec: { ...(built['spec'] as Json), imagePullSecrets: [{ name: 'pull' }] } };
    };
    for (const name of ['one', 'two', 'three']) {
      expect(await world.create(shop, pay(name))).toMatchObject({ status: 0, stderr: '' });
    }
    expect(await world.image(shop, 'one')).toContain('@sha256:');
    const events = await auditEvents(world.cluster);
    const read = events.filter(
      ({ user: { username }, objectRef }) => username === user && objectRef?.name === 'pull',
    );
    expect(read.map(({ verb }) => verb)).toEqual(['get']);
    // The same image in a namespace without the secret has a verdict of its own.
    const other = await world.create(lab, pay('one'));
    expect(other.stderr).toContain('/shop/pay:1');
    expect((await world.image(lab, 'one')).includes('@')).toBe(false);
  });

  test('secrets are never listed or watched', async () => {
    const events = await auditEvents(world.cluster);
    const secrets = events.filter(
      ({ user: { username }, objectRef }) => username === user && objectRef?.resource === 'secrets',
    );
    expect(secrets.filter(({ verb }) => verb === 'list' || verb === 'watch')).toEqual([]);
    for (const verb of ['list', 'watch']) {
      const { stdout } = await world.kubectl('auth', 'can-i', verb, 'secrets', '-A', `--as=${user}`);
      expect(stdout).toBe('no\n');
    }
  });

  test('Pratique was refused nothing that it asked for: its role is enough', async () => {
    const events = await auditEvents(world.cluster);
    const refused = events.filter(
      ({ user: { username }, responseStatus }) => username === user && responseStatus?.code === 403,
    );
    expect(refused).toEqual([]);
  });

  test('dozens of bad images: every warning is short, and together they fit', async () => {
    const lab = await world.namespace();
    const many = pod('many');
    for (let at = 0; at < 60; at++) many.container(`team/${'very-long-name-'.repeat(12)}${at}:9`);
    const { status, warnings } = await world.api.send('POST', `/api/v1/namespaces/${lab}/pods?dryRun=All`, {
      ...many.build(),
      metadata: { name: 'many' },
    });
    expect(status).toBe(201);
    expect(warnings.length).toBeGreaterThan(3);
    expect(warnings.filter((warning) => warning.length > 256)).toEqual([]);
    expect(warnings.join('').length).toBeLessThanOrEqual(4_096);
  });

  test('a pod as large as the API server takes it', async () => {
    const shop = await world.namespace('enforce');
    const large = pod('large').container('nginx:1.27').build();
    const [container] = (large['spec'] as { containers: Json[] }).containers;
    const env = Array.from({ length: 28 }, (_, at) => ({ name: `V${at}`, value: 'x'.repeat(100_000) }));
    const { status, body } = await world.api.send<{ spec?: { containers: { image: string }[] } }>(
      'POST',
      `/api/v1/namespaces/${shop}/pods?dryRun=All`,
      { ...large, metadata: { name: 'large' }, spec: { containers: [{ ...container, env }] } },
    );
    expect(status).toBe(201);
    expect(body.spec?.containers[0]?.image).toContain('@sha256:');
  });
});
