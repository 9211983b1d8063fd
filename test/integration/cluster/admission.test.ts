/** What a person sees at the door of a cluster: pods that are pinned, warned of, denied; and what Pratique is never asked about. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { must } from '../../kit/cluster/kubectl.ts';
import { pod } from '../../kit/fakes/pods.ts';
import { staticPod } from './support/objects.ts';
import { clusterSuite, minorVersion, patienceMs, since } from './support/suite.ts';
import { untilTrue } from './support/until.ts';
import { startWorld, type World } from './support/world.ts';

const suite = await clusterSuite();
const withImageVolumes = await since(35);

suite('Pratique at the door of a real API server', () => story(null));
if ((await minorVersion()) > 33) {
  suite('Pratique at the door of one that emulates Kubernetes 1.33', () => story('1.33'));
}

function story(emulatedVersion: string | null): void {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({ controlPlane: { ...(emulatedVersion && { emulatedVersion }) } });
  }, patienceMs);
  afterAll(async () => {
    await world?.[Symbol.asyncDispose]();
  });

  if (emulatedVersion) {
    test('the API server says which version it emulates', async () => {
      const { body } = await world.api.send<{ emulationMinor?: string }>('GET', '/version');
      expect(`1.${body.emulationMinor}`).toBe(emulatedVersion);
    });
  }

  const ghost = pod('ghost').container('team/ghost:9').build();
  const pinned = (name: string) => `${name.replace('library/', '')}@${world.digests[name]}`;

  test('a pod whose image is there, for all nodes that it may land on, is stored with the digest that they will get', async () => {
    const shop = await world.namespace('enforce');
    const { status, stderr } = await world.kubectl('-n', shop, 'run', 'web', '--image=nginx:1.27');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(await world.image(shop, 'web')).toBe(pinned('library/nginx:1.27'));
  });

  test('the pod remembers what was written', async () => {
    const shop = await world.namespace('enforce');
    await world.kubectl('-n', shop, 'run', 'web', '--image=nginx:1.27');
    const path = String.raw`-o=jsonpath={.metadata.annotations.pratique\.dev/original-images}`;
    const { stdout } = await world.kubectl('-n', shop, 'get', 'pod', 'web', path);
    expect(JSON.parse(stdout)).toEqual({ web: 'nginx:1.27' });
  });

  test('an image that is nowhere is denied, and the message says where it was looked for', async () => {
    const shop = await world.namespace('enforce');
    const { status, stderr } = await world.create(shop, ghost);
    expect(status).toBe(1);
    expect(stderr).toContain('admission webhook "validate.pratique.dev" denied the request');
    expect(stderr).toContain('team/ghost:9');
    expect(stderr).toContain(world.registry.registry.url);
  });

  test('an image that fits only some nodes restricts the pod to them, and is denied on the others', async () => {
    const shop = await world.namespace('enforce');
    const restricted = await world.kubectl('-n', shop, 'run', 'edge', '--image=team/edge:1');
    expect(restricted.status).toBe(0);
    expect(restricted.stderr).toContain('node affinity restricts the pod to linux/arm64');
    const forAmd = '--overrides={"spec":{"nodeSelector":{"kubernetes.io/arch":"amd64"}}}';
    const denied = await world.kubectl('-n', shop, 'run', 'edge-2', '--image=team/edge:1', forAmd);
    expect(denied.status).toBe(1);
    expect(denied.stderr).toContain('linux/amd64');
    const forArm = '--overrides={"spec":{"nodeSelector":{"kubernetes.io/arch":"arm64"}}}';
    const allowed = await world.kubectl('-n', shop, 'run', 'edge-3', '--image=team/edge:1', forArm);
    expect(allowed).toMatchObject({ status: 0, stderr: '' });
  });

  test('an artifact is not an image', async () => {
    const shop = await world.namespace('enforce');
    expect(await world.kubectl('-n', shop, 'run', 'chart', '--image=team/chart:5')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('team/chart:5'),
    });
  });

  test('without a label the chart only warns', async () => {
    const lab = await world.namespace();
    const { status, stdout, stderr } = await world.create(lab, ghost);
    expect({ status, stdout }).toEqual({ status: 0, stdout: 'pod/ghost created\n' });
    expect(stderr).toMatch(/^Warning: .*team\/ghost:9/);
  });

  test.each(['audit', 'off'] as const)(
    'a label may not make it laxer than the configuration: %s still warns',
    async (mode) => {
      const lab = await world.namespace(mode);
      expect(await world.create(lab, ghost)).toMatchObject({
        status: 0,
        stderr: expect.stringContaining('Warning: '),
      });
    },
  );

  test('every container of a pod counts, the init containers too', async () => {
    const shop = await world.namespace('enforce');
    const all = pod('all')
      .init('busybox:1.37', { name: 'init' })
      .container('nginx:1.27', { name: 'web' })
      .container('nginx:1.28', { name: 'next' })
      .build();
    expect(await world.create(shop, all)).toMatchObject({ status: 0, stderr: '' });
    const path = '-o=jsonpath={.spec.initContainers[*].image} {.spec.containers[*].image}';
    const { stdout } = await world.kubectl('-n', shop, 'get', 'pod', 'all', path);
    const names = ['library/busybox:1.37', 'library/nginx:1.27', 'library/nginx:1.28'];
    expect(stdout).toBe(names.map(pinned).join(' '));
    const missing = pod('missing').init('team/ghost:9').container('nginx:1.27').build();
    expect(await world.create(shop, missing)).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('team/ghost:9'),
    });
  });

  // API servers that emulate an older version drop image volumes without a word.
  if (!emulatedVersion) {
    withImageVolumes('image volumes are images like all others', async () => {
      const shop = await world.namespace('enforce');
      const volume = pod('volume').container('nginx:1.27').imageVolume('team/assets:3', { name: 'assets' });
      expect(await world.create(shop, volume.build())).toMatchObject({ status: 0, stderr: '' });
      const path = '-o=jsonpath={.spec.volumes[0].image.reference}';
      const { stdout } = await world.kubectl('-n', shop, 'get', 'pod', 'volume', path);
      expect(stdout).toBe(pinned('team/assets:3'));
      const missing = pod('missing').container('nginx:1.27').imageVolume('team/ghost:9').build();
      expect(await world.create(shop, missing)).toMatchObject({
        status: 1,
        stderr: expect.stringContaining('team/ghost:9'),
      });
    });
  }

  test('one message names all images that are wrong', async () => {
    const shop = await world.namespace('enforce');
    const both = pod('both')
      .container('team/ghost:9')
      .container('team/edge:1')
      .container('nginx:1.27')
      .build();
    const { stderr } = await world.create(shop, both);
    expect(stderr).toContain('team/ghost:9');
    expect(stderr).toContain('team/edge:1');
    expect(stderr).not.toContain('nginx');
  });

  test('a dry run gets the same answer and stores nothing', async () => {
    const shop = await world.namespace('enforce');
    const web = pod('web').container('nginx:1.27').build();
    const path = '-o=jsonpath={.spec.containers[0].image}';
    const allowed = await world.create(shop, web, '--dry-run=server', path);
    expect(allowed.stdout).toBe(pinned('library/nginx:1.27'));
    expect(await world.create(shop, ghost, '--dry-run=server')).toMatchObject({ status: 1 });
    expect((await world.kubectl('-n', shop, 'get', 'pods', '-o', 'name')).stdout).toBe('');
  });

  test('kubectl set image on a pod is judged and pinned like a new pod', async () => {
    const shop = await world.namespace('enforce');
    await world.kubectl('-n', shop, 'run', 'web', '--image=nginx:1.27');
    const to = (image: string) => world.kubectl('-n', shop, 'set', 'image', 'pod/web', `web=${image}`);
    expect(await to('team/ghost:9')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('team/ghost:9'),
    });
    expect(await world.image(shop, 'web')).toBe(pinned('library/nginx:1.27'));
    expect(await to('nginx:1.28')).toMatchObject({ status: 0, stderr: '' });
    expect(await world.image(shop, 'web')).toBe(pinned('library/nginx:1.28'));
  });

  test('kubectl debug: an ephemeral container is pinned, or denied', async () => {
    const shop = await world.namespace('enforce');
    await world.kubectl('-n', shop, 'run', 'web', '--image=nginx:1.27');
    const debug = (name: string, image: string) =>
      world.kubectl(
        '-n',
        shop,
        'debug',
        'web',
        `--image=${image}`,
        `--container=${name}`,
        '--',
        'sleep',
        '1d',
      );
    expect(await debug('tools', 'busybox:1.37')).toMatchObject({ status: 0 });
    expect(await debug('ghost', 'team/ghost:9')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('team/ghost:9'),
    });
    const path = '-o=jsonpath={.spec.ephemeralContainers[*].image}';
    const { stdout } = await world.kubectl('-n', shop, 'get', 'pod', 'web', path);
    expect(stdout).toBe(pinned('library/busybox:1.37'));
  });

  test('an update that leaves the images alone is not even asked about', async () => {
    const shop = await world.namespace('enforce');
    await world.kubectl('-n', shop, 'run', 'web', '--image=nginx:1.27');
    const calls = await world.asked(() => world.kubectl('-n', shop, 'label', 'pod', 'web', 'tier=front'));
    expect(calls).toBe(0);
  });

  test('neither are status updates, bindings and Leases', async () => {
    const shop = await world.namespace('enforce');
    await world.kubectl('-n', shop, 'run', 'web', '--image=nginx:1.27');
    const status = JSON.stringify({ status: { phase: 'Running' } });
    const lease = {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name: 'mine' },
      spec: {},
    };
    const calls = await world.asked(async () => {
      await world.kubectl('-n', shop, 'patch', 'pod', 'web', '--subresource=status', `--patch=${status}`);
      expect(await world.create(shop, lease)).toMatchObject({ status: 0 });
    });
    expect(calls).toBe(0);
  });

  test('mirror pods, the records of static pods, pass unasked', async () => {
    const shop = await world.namespace('enforce');
    const mirror = staticPod('amd-1');
    const calls = await world.asked(async () => {
      expect(await world.create(shop, mirror)).toMatchObject({ status: 0, stderr: '' });
    });
    expect(calls).toBe(0);
  });

  test('a pod on its way out passes unasked, so that its finalizers can go', async () => {
    const shop = await world.namespace('enforce');
    const web = pod('web')
      .container('nginx:1.27', { name: 'web' })
      .meta('finalizers', ['test.local/hold'])
      .build();
    await world.create(shop, web);
    await world.kubectl('-n', shop, 'delete', 'pod', 'web', '--wait=false', '--grace-period=0', '--force');
    const calls = await world.asked(async () => {
      expect(await world.kubectl('-n', shop, 'set', 'image', 'pod/web', 'web=team/ghost:9')).toMatchObject({
        status: 0,
      });
      const none = '--patch={"metadata":{"finalizers":null}}';
      expect(await world.kubectl('-n', shop, 'patch', 'pod', 'web', '--type=merge', none)).toMatchObject({
        status: 0,
      });
    });
    expect(calls).toBe(0);
    expect((await world.kubectl('-n', shop, 'get', 'pods', '-o', 'name')).stdout).toBe('');
  });

  test.each(['kube-system', 'kube-node-lease', 'pratique-system'])(
    '%s is left alone, whatever its label says',
    async (name) => {
      await world.kubectl('label', 'namespace', name, 'pratique.dev/mode=enforce', '--overwrite');
      const calls = await world.asked(async () => {
        expect(await world.create(name, ghost)).toMatchObject({ status: 0, stderr: '' });
      });
      expect(calls).toBe(0);
    },
  );

  test('a pod opts out by a label where the mode is warn, and not where it is enforce', async () => {
    const out = pod('ghost').container('team/ghost:9').label('pratique.dev/skip', 'true').build();
    const lenient = await world.namespace('warn');
    expect(await world.create(lenient, out)).toMatchObject({ status: 0, stderr: '' });
    const shop = await world.namespace('enforce');
    expect(await world.create(shop, out)).toMatchObject({ status: 1 });
  });

  test("Pratique's own service account passes unasked", async () => {
    const shop = await world.namespace('enforce');
    const user = 'system:serviceaccount:pratique-system:pratique';
    await must(world.cluster.kubeconfig, [
      '-n',
      shop,
      'create',
      'rolebinding',
      'p',
      '--clusterrole=edit',
      `--user=${user}`,
    ]);
    const calls = await world.asked(async () => {
      expect(await world.create(shop, ghost, `--as=${user}`)).toMatchObject({ status: 0, stderr: '' });
    });
    expect(calls).toBe(0);
  });

  test('one line takes Pratique out of the way, and its manifest puts it back', async () => {
    const shop = await world.namespace('enforce');
    const kinds = ['mutatingwebhookconfiguration', 'validatingwebhookconfiguration'];
    const { kubeconfig } = world.cluster;
    const line = kinds.map((kind) => `${kind}/pratique`);
    const saved = await must(kubeconfig, ['get', ...line, '-o', 'json']);
    expect(await world.create(shop, ghost)).toMatchObject({ status: 1 });
    expect(await world.kubectl('delete', ...line)).toMatchObject({ status: 0 });
    await untilTrue('nobody is asked', async () => (await world.create(shop, ghost)).status === 0);
    await world.kubectl('-n', shop, 'delete', 'pod', 'ghost', '--force', '--grace-period=0');
    await must(kubeconfig, ['create', '-f', '-'], { stdin: withoutServerFields(saved) });
    await untilTrue(
      'Pratique is asked',
      async () => (await world.create(shop, ghost, '--dry-run=server')).status === 1,
    );
  });
}

function withoutServerFields(list: string): string {
  const { items } = JSON.parse(list) as { items: { metadata: { name: string } }[] };
  const clean = items.map(({ metadata: { name }, ...rest }) => ({ ...rest, metadata: { name } }));
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items: clean });
}
