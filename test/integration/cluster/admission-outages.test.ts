/** `failurePolicy: Ignore`, the chart's default: slow registries, an API server in a hurry, a broken bundle, nobody there. The cluster goes on. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { must } from '../../kit/cluster/kubectl.ts';
import { pod } from '../../kit/fakes/pods.ts';
import { type Silent, silentServer } from '../../kit/registries/silent.ts';
import { clusterSuite, patienceMs } from './support/suite.ts';
import { untilTrue } from './support/until.ts';
import { hostsToml, startWorld, type World } from './support/world.ts';

const suite = await clusterSuite();
const kinds = ['mutatingwebhookconfiguration', 'validatingwebhookconfiguration'] as const;

suite('outages', () => {
  let world: World;
  let silent: Silent;
  beforeAll(async () => {
    silent = await silentServer();
    world = await startWorld({ install: { configuration: { registry: { endpointTimeout: '10s' } } } });
  }, patienceMs);
  afterAll(async () => {
    await world?.[Symbol.asyncDispose]();
    await silent?.[Symbol.asyncDispose]();
  });
  const patch = async (kind: (typeof kinds)[number], path: string, value: unknown) => {
    const operations = JSON.stringify([{ op: 'replace', path: `/webhooks/0/${path}`, value }]);
    await must(world.cluster.kubeconfig, ['patch', kind, 'pratique', '--type=json', `--patch=${operations}`]);
  };
  const read = (kind: string, path: string) =>
    must(world.cluster.kubeconfig, ['get', kind, 'pratique', `-o=jsonpath={.webhooks[0].${path}}`]);

  test('a registry that never answers: the pod is let in with a warning, before the API server gives up', async () => {
    const shop = await world.namespace('enforce');
    const started = performance.now();
    const { status, body, warnings } = await world.api.send('POST', `/api/v1/namespaces/${shop}/pods`, {
      ...pod('slow').container(`${silent.host}/slow/app:1`).build(),
      metadata: { name: 'slow' },
    });
    expect({ status, message: body.message }).toEqual({ status: 201, message: undefined });
    expect(warnings.join('\n')).toContain('/slow/app:1');
    // Both webhooks answered by themselves: 2.5 s each, and not the 3 s of the API server.
    expect(performance.now() - started).toBeLessThan(5_900);
    expect(silent.connections).toBeGreaterThan(0);
  });

  test('an API server that waits for less than the deadline is answered in its time', async () => {
    const shop = await world.namespace('enforce');
    for (const kind of kinds) await patch(kind, 'timeoutSeconds', 1);
    await untilTrue('both webhooks answer in a second each', async () => {
      // Another one each time: one that never answers is soon not asked any more.
      await using other = await silentServer();
      const started = performance.now();
      const path = `/api/v1/namespaces/${shop}/pods?dryRun=All`;
      const { status, warnings } = await world.api.send('POST', path, {
        ...pod('slow').container(`${other.host}/slow/app:2`).build(),
        metadata: { name: 'slow' },
      });
      expect(status).toBe(201);
      // Nobody warns of what nobody was told in time.
      return performance.now() - started < 1_900 && warnings.join().includes('/slow/app:2');
    });
    for (const kind of kinds) await patch(kind, 'timeoutSeconds', 3);
    const web = pod('web').container('nginx:1.27').build();
    await untilTrue('pods are pinned as before', async () => {
      const { stdout } = await world.create(shop, web, '--dry-run=server', '-o', 'yaml');
      return stdout.includes(`nginx:1.27@${world.digests['library/nginx:1.27']}`);
    });
  });

  test('a client that goes away in the middle does no harm either', async () => {
    const shop = await world.namespace('enforce');
    await using other = await silentServer();
    const body = {
      ...pod('gone').container(`${other.host}/slow/app:3`).build(),
      metadata: { name: 'gone' },
    };
    const path = `/api/v1/namespaces/${shop}/pods`;
    const impatient = world.api.send('POST', path, body, { signal: AbortSignal.timeout(300) });
    await expect(impatient).rejects.toThrow('aborted');
    expect(await world.kubectl('-n', shop, 'run', 'web', '--image=nginx:1.27')).toMatchObject({
      status: 0,
      stderr: '',
    });
    expect(await world.image(shop, 'web')).toContain('@sha256:');
    expect(await world.pratique.sum('pratique_webhook_internal_errors_total')).toBe(0);
  });

  test('the registry goes and comes back: a pinned digest is still known, a new tag is a warning', async () => {
    const shop = await world.namespace('enforce');
    await world.kubectl('-n', shop, 'run', 'web', '--image=nginx:1.28');
    const hosts = join(world.certs, 'docker.io', 'hosts.toml');
    await writeFile(hosts, hostsToml('http://127.0.0.1:1'));
    await untilTrue('nothing is there any more', async () => {
      const { status, stderr } = await world.create(
        shop,
        pod('new').container('team/new:1').build(),
        '--dry-run=server',
      );
      return status === 0 && stderr.includes('Warning: ');
    });
    await writeFile(hosts, hostsToml(world.registry.registry.url));
    await untilTrue('it is asked again', async () => {
      const { status } = await world.create(
        shop,
        pod('new').container('team/new:1').build(),
        '--dry-run=server',
      );
      return status === 1;
    });
  });

  test.each(kinds)('somebody empties the caBundle of the %s: Pratique fills it again', async (kind) => {
    const bundle = await read(kind, 'clientConfig.caBundle');
    expect(bundle).not.toBe('');
    await patch(kind, 'clientConfig.caBundle', '');
    await untilTrue('the bundle is back', async () => (await read(kind, 'clientConfig.caBundle')) === bundle);
  });

  test('the certificate is for the name by which the API server calls, and nobody else is believed', async () => {
    const [replica] = world.pratique.replicas;
    expect(await replica?.sum('pratique_admission_requests_total{')).toBeGreaterThan(0);
    expect(await read('validatingwebhookconfiguration', 'clientConfig.service.name')).toBe('pratique');
    expect(await read('validatingwebhookconfiguration', 'clientConfig.url')).toBe('');
  });

  test(
    'with nobody there, Ignore lets pods in as they are, and afterwards they are judged again',
    async () => {
      const shop = await world.namespace('enforce');
      const web = pod('web').container('nginx:1.27').build();
      for (const replica of world.pratique.replicas) await world.pratique.remove(replica);
      expect(await world.create(shop, web)).toMatchObject({ status: 0, stderr: '' });
      expect(await world.image(shop, 'web')).toBe('nginx:1.27');
      const replica = await world.pratique.add();
      await untilTrue(
        'the missed pod is counted',
        async () => (await replica.sum('pratique_pods_missed_total')) >= 1,
      );
      expect(await world.create(shop, pod('ghost').container('team/ghost:9').build())).toMatchObject({
        status: 1,
      });
    },
    patienceMs,
  );
});
