/** OpenShift's mirror sets in the cluster: applied with kubectl, heard of within seconds, and what is wrong with one changes nothing. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { parse, stringify } from 'yaml';
import { multiArch } from '../../kit/registries/images.ts';
import { apply } from '../../kit/cluster/apply.ts';
import { render } from '../../kit/cluster/helm.ts';
import type { Replica } from '../../kit/cluster/installation.ts';
import { must } from '../../kit/cluster/kubectl.ts';
import { authority } from '../../kit/fakes/certificates.ts';
import { type Json, pod } from '../../kit/fakes/pods.ts';
import { type Stand, tlsStand } from '../../kit/registries/registry-fixtures.ts';
import { auditEvents } from './support/audit.ts';
import { clusterSuite, patienceMs } from './support/suite.ts';
import { untilTrue } from './support/until.ts';
import { startWorld, type World } from './support/world.ts';

const suite = await clusterSuite();

const user = 'system:serviceaccount:pratique-system:pratique';
const plurals = ['imagedigestmirrorsets', 'imagetagmirrorsets', 'imagecontentsourcepolicies', 'images'];
const everywhere = ['linux/amd64', 'linux/arm64'];
const app = 'registry.corp/team/app';

const tagSet = (spec: Json = {}): Json => ({
  apiVersion: 'config.openshift.io/v1',
  kind: 'ImageTagMirrorSet',
  metadata: { name: 'corp' },
  spec: {
    imageTagMirrors: [{ source: 'registry.corp/team', mirrors: ['mirror.corp/copies'], ...spec }],
  },
});
const digestSet: Json = {
  apiVersion: 'config.openshift.io/v1',
  kind: 'ImageDigestMirrorSet',
  metadata: { name: 'corp' },
  spec: { imageDigestMirrors: [{ source: 'registry.corp/team', mirrors: ['mirror.corp/copies'] }] },
};
// The older kind's schema takes what its nodes refuse.
const wrongSet: Json = {
  apiVersion: 'operator.openshift.io/v1alpha1',
  kind: 'ImageContentSourcePolicy',
  metadata: { name: 'wrong' },
  spec: { repositoryDigestMirrors: [{ source: 'https://registry.corp/team', mirrors: ['mirror.corp'] }] },
};

suite('mirror sets of OpenShift', () => {
  const running = new AsyncDisposableStack();
  let world: World;
  let source: Stand;
  let mirror: Stand;
  let shop: string;
  /** Digests of `team/app:1` at both registries. */
  let digest: string;

  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'pratique-mirror-sets-'));
    running.defer(() => rm(folder, { recursive: true, force: true }));
    const ca = await authority();
    await writeFile(join(folder, 'ca.crt'), ca.cert);
    source = running.use(await tlsStand(ca, 'registry.corp'));
    mirror = running.use(await tlsStand(ca, 'mirror.corp'));
    digest = await source.put('team/app', '1', multiArch(everywhere));
    await mirror.put('copies/app', '1', multiArch(everywhere));
    world = running.use(
      await startWorld({
        install: {
          configuration: {
            mirrors: {},
            controller: { interval: '2s' },
            registry: {
              endpointTimeout: '10s',
              hosts: { 'registry.corp': source.registry.host, 'mirror.corp': mirror.registry.host },
              caFiles: [join(folder, 'ca.crt')],
            },
          },
        },
      }),
    );
    shop = await world.namespace('enforce');
    const web = await world.create(shop, pod('web').container(`${app}:1`).build());
    expect(web.status).toBe(0);
  }, patienceMs);
  afterAll(() => running.disposeAsync());

  const use = (object: Json) =>
    must(world.cluster.kubeconfig, ['apply', '-f', '-'], { stdin: JSON.stringify(object) });
  const drop = ({ kind, metadata }: Json) =>
    world.kubectl('delete', String(kind), String((metadata as Json)['name']));

  /** What is asked for it, as it would be stored; else what the API server says. */
  async function admitted(image: string): Promise<string> {
    const args = ['--dry-run=server', '-o', 'jsonpath={.spec.containers[0].image}'];
    const { stdout, stderr } = await world.create(shop, pod('probe').container(image).build(), ...args);
    return stdout || stderr;
  }

  /** Who alone is asked what the tag means. */
  async function servedBy(who: 'source' | 'mirror'): Promise<void> {
    const other = who === 'source' ? 'mirror' : 'source';
    await untilTrue(`the ${who} alone is asked for ${app}:1`, async () => {
      const tags = await asked(() => admitted(`${app}:1`));
      return tags[who].includes('app:1') && !tags[other].includes('app:1');
    });
  }

  /** What its ImageInspection says of the running pod's image. */
  async function endpointIs(wanted: string): Promise<void> {
    const path = `jsonpath={.items[?(@.spec.image=="${app}:1")].status.endpoint}`;
    await untilTrue(`the ImageInspection names ${wanted}`, async () => {
      const { stdout } = await world.kubectl('get', 'imageinspections', '-n', shop, '-o', path);
      return stdout === wanted;
    });
  }

  /** Manifests that were asked for while `work` was done: `app:1`. */
  async function asked(work: () => Promise<unknown>) {
    await Promise.all([source, mirror].map(({ registry }) => registry.takeLog()));
    await work();
    const [bySource = [], byMirror = []] = await Promise.all(
      [source, mirror].map(async ({ registry }) => {
        const names = (await registry.takeLog()).map(({ url }) =>
          url.replace(/^\/v2\/\w+\/(\w+)\/manifests\//, '$1:'),
        );
        return [...new Set(names)];
      }),
    );
    return { source: bySource, mirror: byMirror };
  }

  /** Kinds of OpenShift's that Pratique asked the API server for. */
  async function watched(): Promise<readonly string[]> {
    const own = (await auditEvents(world.cluster)).filter(({ user: { username } }) => username === user);
    return plurals.filter((plural) => own.some(({ objectRef }) => objectRef?.resource === plural));
  }

  async function readyz({ metricsUrl }: Replica): Promise<string> {
    return (await fetch(`${metricsUrl}/readyz?verbose`)).text();
  }

  const replica = (): Replica => {
    const [first] = world.pratique.replicas;
    if (!first) throw new Error('no replica runs');
    return first;
  };

  test('nobody asks for them while the configuration does not name them', async () => {
    await servedBy('source');
    expect(await admitted(`${app}:1`)).toBe(`${app}:1@${digest}`);
    await endpointIs('https://registry.corp/v2');
    expect(await watched()).toEqual([]);
  });

  test(
    'where OpenShift is not installed there are none, and what is installed later is noticed',
    async () => {
      const { configuration } = world.pratique;
      const written = parse(await readFile(configuration, 'utf8')) as Json;
      await writeFile(configuration, stringify({ ...written, mirrors: { openshift: {} } }));
      await untilTrue('all kinds are asked for', async () => (await watched()).length === plurals.length);
      await untilTrue('it is ready', () => replica().ready());
      await servedBy('source');
      await apply(world.cluster.kubeconfig, await readFile('test/fixtures/openshift/crds.yaml', 'utf8'));
      await use(tagSet());
      await servedBy('mirror');
    },
    patienceMs,
  );

  test('tags are asked for at the mirror, and the ImageInspection names it', async () => {
    await endpointIs('https://mirror.corp/v2');
    await servedBy('mirror');
    expect(await admitted(`${app}:1`)).toBe(`${app}:1@${digest}`);
  });

  test('what only the mirror has is not pinned: by digest, the nodes would ask the registry', async () => {
    await mirror.put('copies/early', '1', multiArch(everywhere, { salt: 'early' }));
    const probe = pod('probe').container('registry.corp/team/early:1').build();
    const { stdout, stderr } = await world.create(shop, probe, '--dry-run=server', '-o', 'yaml');
    expect(stdout).toContain('image: registry.corp/team/early:1\n');
    expect(stderr).toContain('is not pinned: its tag resolves to sha256:');
    expect(stderr).toContain('and by that digest it does not exist');
  });

  test(
    'a digest set holds for digests only, and is heard of within seconds',
    async () => {
      const image = multiArch(everywhere, { salt: 'both' });
      const name = await source.put('team/both', '1', image);
      expect(await mirror.put('copies/both', '1', image)).toBe(name);
      await use(digestSet);
      const began = performance.now();
      await drop(tagSet());
      await servedBy('source');
      // Two of them to settle; the rest is this machine's.
      expect(performance.now() - began).toBeLessThan(15_000);
      const both = `registry.corp/team/both@${name}`;
      const { source: bySource, mirror: byMirror } = await asked(async () => {
        expect(await admitted(both)).toBe(both);
      });
      expect([bySource.includes(`both:${name}`), byMirror.includes(`both:${name}`)]).toEqual([false, true]);
      await drop(digestSet);
    },
    patienceMs,
  );

  test(
    'NeverContactSource: what the mirror does not have is not there, and the source hears nothing',
    async () => {
      await source.put('team/rare', '1', multiArch(everywhere, { salt: 'rare' }));
      expect(await admitted('registry.corp/team/rare:1')).toContain('registry.corp/team/rare:1@sha256:');
      await use(tagSet({ mirrorSourcePolicy: 'NeverContactSource' }));
      await servedBy('mirror');
      let said = '';
      const { source: bySource } = await asked(async () => {
        said = await admitted('registry.corp/team/rare:1');
      });
      expect(said).toContain('denied the request');
      expect(said).toContain('registry.corp/team is blocked (ImageTagMirrorSet/corp)');
      expect(bySource.filter((each) => each.startsWith('rare'))).toEqual([]);
      await use(tagSet());
      await untilTrue('the source is asked again', async () =>
        (await admitted('registry.corp/team/rare:1')).includes('@sha256:'),
      );
    },
    patienceMs,
  );

  test(
    'a registry that the cluster blocks is not asked',
    async () => {
      const registrySources = { blockedRegistries: ['registry.corp'] };
      const blocked = { apiVersion: 'config.openshift.io/v1', kind: 'Image', metadata: { name: 'cluster' } };
      await use({ ...blocked, spec: { registrySources } });
      await untilTrue('it is blocked', async () =>
        (await admitted('registry.corp/else/app:1')).includes('registry.corp is blocked (Image/cluster)'),
      );
      expect(await admitted(`${app}:1`)).toBe(`${app}:1`);
      await drop(blocked);
    },
    patienceMs,
  );

  test(
    'what is wrong is refused with a line in the log, and what was known stays in use',
    async () => {
      await use(wrongSet);
      // The first was the configuration that named mirror sets before they were listed.
      const { error } = await replica().event('configuration-rejected', 2);
      expect(error).toContain('ImageContentSourcePolicy/wrong');
      expect(error).toContain('must not begin with http:// or https://');
      expect(await replica().ready()).toBe(true);
      expect(await replica().sum('pratique_config_last_reload_successful')).toBe(0);
      await servedBy('mirror');
    },
    patienceMs,
  );

  test(
    'a replica that comes now has nothing to go on with: it says so, and serves when the set is put right',
    async () => {
      const added = world.pratique.add();
      await untilTrue('it says what is wrong', async () => {
        const fresh = world.pratique.replicas[1];
        return (
          fresh !== undefined &&
          /-\]mirrors failed: .*ImageContentSourcePolicy\/wrong.*must not begin/.test(await readyz(fresh))
        );
      });
      await drop(wrongSet);
      const fresh = await added;
      expect(await readyz(fresh)).toContain('[+]mirrors ok');
      await untilTrue(
        'the other one is content, too',
        async () => (await world.pratique.sum('pratique_config_last_reload_successful')) === 2,
      );
      await world.pratique.remove(fresh);
    },
    patienceMs,
  );

  test(
    'when the last one is removed, the registry itself is asked as before',
    async () => {
      await drop(tagSet());
      await servedBy('source');
      await endpointIs('https://registry.corp/v2');
    },
    patienceMs,
  );

  test(
    'without the right to see them, which `openshift: false` of the chart takes away, it says so and is not ready',
    async () => {
      const { namespace } = world.pratique;
      const objects = await render({ namespace, values: { openshift: false } });
      await apply(
        world.cluster.kubeconfig,
        objects.filter(({ kind, metadata }) => kind === 'ClusterRole' && metadata.name === 'pratique'),
      );
      const added = world.pratique.add();
      await untilTrue('it says what it may not', async () => {
        const fresh = world.pratique.replicas[1];
        return (
          fresh !== undefined &&
          /-\]mirrors failed: .*cannot watch resource "imagetagmirrorsets" in API group "config.openshift.io".*ClusterRole/.test(
            await readyz(fresh),
          )
        );
      });
      const again = await render({ namespace });
      await apply(
        world.cluster.kubeconfig,
        again.filter(({ kind, metadata }) => kind === 'ClusterRole' && metadata.name === 'pratique'),
      );
      await added;
    },
    patienceMs,
  );
});
