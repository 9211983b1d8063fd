/** `pratique serve` that cannot reach its cluster, or may not do there what it has to: what a person reads, and that nothing ends without a word. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { review } from '../../kit/pratique/admission-client.ts';
import { multiArch } from '../../kit/registries/images.ts';
import { type Launched, launch } from '../../kit/pratique/serving.ts';
import { type ControlPlane, startControlPlane } from '../../kit/cluster/control-plane/control-plane.ts';
import { kubeconfig } from '../../kit/cluster/control-plane/kubeconfig.ts';
import { must } from '../../kit/cluster/kubectl.ts';
import { authority } from '../../kit/fakes/certificates.ts';
import { cleanEnvironment, pratique } from '../../kit/pratique/command.ts';
import { freePort } from '../../kit/registries/docker-registry.ts';
import { silentServer } from '../../kit/registries/silent.ts';
import { plainStand, type Stand } from '../../kit/registries/registry-fixtures.ts';
import { clusterSuite, patienceMs } from './support/suite.ts';
import { untilTrue } from './support/until.ts';

const suite = await clusterSuite();

const namespace = 'pratique-system';
const service = `pratique.${namespace}.svc`;
const allOk =
  '[+]started ok\n[+]cluster ok\n[+]registration ok\n[+]mirrors ok\n[+]draining ok\nreadyz check passed\n';
const kinds = ['pods', 'nodes', 'namespaces', 'runtimeclasses', 'imageinspections'];

interface Started extends Launched {
  /** What `/readyz?verbose` says. */
  readyz(): Promise<string>;
}

suite('access to the cluster', () => {
  const running = new AsyncDisposableStack();
  let cluster: ControlPlane;
  let registry: Stand;
  let folder: string;
  let files: { readonly cert: string; readonly key: string };
  let ca: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pratique-access-'));
    running.defer(() => rm(folder, { recursive: true, force: true }));
    cluster = running.use(await startControlPlane({ controllers: false }));
    await must(cluster.kubeconfig, ['create', 'namespace', namespace]);
    registry = running.use(await plainStand());
    await registry.put('team/app', '1', multiArch(['linux/amd64', 'linux/arm64']));
    const made = await authority();
    const leaf = await made.leaf({ names: [service, '127.0.0.1'] });
    ca = made.cert;
    files = { cert: await write('tls.crt', leaf.cert), key: await write('tls.key', leaf.key) };
  }, patienceMs);
  afterAll(() => running.disposeAsync());

  async function write(name: string, text: string): Promise<string> {
    const path = join(folder, name);
    await writeFile(path, text);
    return path;
  }

  /** Returns a kubeconfig for `server` of a user without any permissions. */
  function access(server = cluster.server, own: string | null = namespace): string {
    const user = { name: 'dev', token: 'dev-token', ...(own !== null && { namespace: own }) };
    return kubeconfig(server, cluster.ca, [user]);
  }

  /** The webhook's certificate: its own, or from `files`. */
  function configuration(metrics: number, tls: object = { mode: 'self' }, controller: object = {}): string {
    return stringify({
      apiVersion: 'pratique.dev/v1alpha1',
      kind: 'Configuration',
      controller,
      server: {
        webhook: { listen: '127.0.0.1:0', configurations: 'pratique', tls },
        metrics: { listen: `127.0.0.1:${metrics}` },
      },
      registry: { loopback: 'contact' },
    });
  }

  let servers = 0;
  async function serve(kubeconfigPath: string, ...more: readonly [tls?: object, controller?: object]) {
    const port = await freePort();
    servers += 1;
    const file = await write(`pratique-${servers}.yaml`, configuration(port, ...more));
    const environment = cleanEnvironment({ KUBECONFIG: kubeconfigPath });
    const launched = launch({ configuration: file, environment, patienceMs });
    return Object.assign(launched, {
      readyz: () =>
        fetch(`http://127.0.0.1:${port}/readyz?verbose`).then(
          (answer) => answer.text(),
          // It does not listen yet.
          () => '',
        ),
    });
  }

  async function says(server: Started, what: RegExp): Promise<string> {
    let said = '';
    await untilTrue(
      `/readyz says ${what}`,
      async () => {
        said = await server.readyz();
        return what.test(said);
      },
      60_000,
    ).catch((error: Error) => {
      throw new Error(`${error.message}, but\n${said}`);
    });
    return said;
  }

  /** All of them, for a while. */
  async function rights(): Promise<AsyncDisposable> {
    const binding = ['clusterrolebinding', 'dev'];
    await must(cluster.kubeconfig, ['create', ...binding, '--clusterrole=cluster-admin', '--user=dev']);
    return {
      async [Symbol.asyncDispose]() {
        await must(cluster.kubeconfig, ['delete', ...binding]);
      },
    };
  }

  const fromFiles = () => ({ mode: 'files', ...files });

  test(
    'KUBECONFIG names no file: it serves without a cluster, and says so',
    async () => {
      const none = join(folder, 'none');
      await using server = await serve(none);
      expect(await server.event('configuration-warning')).toMatchObject({
        code: 'NoKubeconfig',
        message: expect.stringContaining('so the server runs without a cluster'),
        source: none,
      });
      await server.event('started');
      expect(await server.readyz()).toBe('[+]started ok\n[+]draining ok\nreadyz check passed\n');
      expect(await server.stop()).toBe(0);
    },
    patienceMs,
  );

  test(
    'the same where a cluster is asked for: it does not start, status 2',
    async () => {
      const file = await write('enabled.yaml', configuration(0, { mode: 'self' }, { enabled: true }));
      const environment = { KUBECONFIG: join(folder, 'none') };
      const { status, stdout, stderr } = await pratique(['serve', '--config', file], { environment });
      expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
      expect(stderr).toContain('controller.enabled');
      expect(stderr).toContain('set KUBECONFIG to an existing file');
    },
    patienceMs,
  );

  test.each<[string, () => string, string]>([
    ['is not YAML', () => 'clusters: [', 'cannot be used'],
    [
      'does not say in which namespace to live',
      () => access(cluster.server, null),
      'set controller.namespace',
    ],
  ])(
    'a kubeconfig that %s: it does not start, status 1',
    async (_what, text, why) => {
      await using server = await serve(await write('unusable', text()));
      const { level, error } = await server.event('fatal');
      expect({ level, error }).toEqual({ level: 'error', error: expect.stringContaining(why) });
      expect(await server.exited).toBe(1);
    },
    patienceMs,
  );

  test(
    'an API server that refuses: not ready and why, and told to end it has not failed',
    async () => {
      const server = await serve(await write('refused', access('https://127.0.0.1:1')));
      expect(await says(server, /ECONNREFUSED/)).toMatch(
        /^\[-\]started failed: the webhook has no certificate yet: the shared CA: GET .*\/secrets\/pratique-ca: connect ECONNREFUSED 127\.0\.0\.1:1\nreadyz check failed\n$/,
      );
      expect(await server.event('certificate-rejected')).toMatchObject({ level: 'error' });
      expect(await server.stop()).toBe(0);
      expect(server.log.map(({ event }) => event)).not.toContain('fatal');
    },
    patienceMs,
  );

  test(
    'an API server that says nothing: the same, after the time that a request has',
    async () => {
      await using silent = await silentServer();
      await using server = await serve(await write('silent', access(`https://${silent.host}`)));
      await says(
        server,
        /the webhook has no certificate yet: .*\/secrets\/pratique-ca: .*(deadline|timeout)/i,
      );
      expect(silent.connections).toBeGreaterThan(0);
    },
    patienceMs,
  );

  test(
    'without any right it says which one it lacks first, and goes on as soon as it has them',
    async () => {
      await using server = await serve(await write('dev', access()));
      const secret = 'secrets "pratique-ca" is forbidden: User "dev" cannot get resource "secrets"';
      expect(await says(server, /forbidden/)).toContain(
        `[-]started failed: the webhook has no certificate yet: the shared CA: GET /api/v1/namespaces/${namespace}/secrets/pratique-ca: 403 ${secret}`,
      );
      expect(await server.event('certificate-rejected')).toMatchObject({
        error: expect.stringContaining(secret),
      });
      await using _rights = await rights();
      await server.event('started');
      expect(await says(server, /readyz check passed/)).toBe(allOk);
    },
    patienceMs,
  );

  test(
    'with a certificate from files it answers meanwhile, names every right that is missing, and is ready when it has them',
    async () => {
      await using server = await serve(await write('dev', access()), fromFiles());
      const started = await server.event('started');
      const port = Number(String(started['webhook']).split(':')[1]);
      const image = `${registry.registry.host}/team/app:1`;
      const pod = {
        metadata: { name: 'web', namespace: 'shop' },
        spec: { containers: [{ name: 'c', image }] },
      };
      const { allowed, patch, warnings } = await review({ port, ca }, '/mutate', pod);
      expect({ allowed, warnings }).toEqual({
        allowed: true,
        warnings: ['the labels of namespace "shop" could not be read; it is treated as having none'],
      });
      expect(patch[0]).toMatchObject({ value: expect.stringContaining(`${image}@sha256:`) });
      const said = await says(server, /namespaces" in API group(.|\n)*mutatingwebhookconfigurations/);
      for (const kind of kinds) expect(said).toContain(`cannot watch resource "${kind}"`);
      expect(said).toContain("apply the chart's ClusterRole, which grants the missing permissions");
      expect(said).toMatch(/^\[-\]cluster failed: not synced: pods, nodes,/m);
      expect(said).toMatch(/^\[-\]registration failed: the webhook configurations were not read yet: /m);
      // Said once, however often it is tried.
      for (const kind of kinds) {
        const told = server.log.filter(({ event, ...line }) => {
          return event === 'informer-watch-failed' && line['kind'] === kind;
        });
        expect(told).toHaveLength(1);
      }
      await using _rights = await rights();
      expect(await says(server, /readyz check passed/)).toBe(allOk);
      const stopped = server.stop();
      expect(await says(server, /failed/)).toContain('[-]draining failed: the server is stopping');
      expect(await stopped).toBe(0);
    },
    patienceMs,
  );
});
