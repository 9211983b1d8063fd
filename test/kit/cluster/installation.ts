/** Pratique in a cluster without kubelets: the chart's own manifests, but its pods are processes of this machine that have exactly the rights of the chart's ServiceAccount. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { stringify } from 'yaml';
import { apply } from './apply.ts';
import { adapted, type Chart, chartOf } from './chart.ts';
import type { ControlPlane } from './control-plane/control-plane.ts';
import { render } from './helm.ts';
import { kubeconfig } from './control-plane/kubeconfig.ts';
import { kubectl, must } from './kubectl.ts';
import { listOf } from './nodes/objects.ts';
import { processes } from './control-plane/processes.ts';
import { notReady, type Replica, startReplica } from './replica.ts';
import { type Service, startService } from './service.ts';

export type { Replica };

export interface InstallOptions {
  /** Values of the chart. */
  readonly values?: object;
  /** Merged into the configuration that the chart renders; lists are replaced. */
  readonly configuration?: object;
  /** 1 when absent. */
  readonly replicas?: number;
  /** More of the environment for every replica. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Path of the command that the replicas run; that of this checkout when absent. */
  readonly command?: string;
  /** `pratique-system` when absent. */
  readonly namespace?: string;
  /** Whether to wait until the API server calls the webhooks; true when absent. */
  readonly wait?: boolean;
}

export interface Installation extends AsyncDisposable {
  readonly namespace: string;
  readonly folder: string;
  /** The configuration file of all replicas. */
  readonly configuration: string;
  /** Path of a kubeconfig with the rights of Pratique's ServiceAccount. */
  readonly kubeconfig: string;
  readonly service: Service;
  readonly chart: Chart;
  /** Those started and not stopped, oldest first. */
  readonly replicas: readonly Replica[];
  /** Starts one more and waits until it is ready. */
  add(): Promise<Replica>;
  /** SIGTERM to one; gives the exit status. */
  remove(replica: Replica): Promise<number | null>;
  /** Sum over the replicas of all series that start with `prefix`. */
  sum(prefix: string): Promise<number>;
  /** Ends the replicas by SIGTERM; what the chart made stays. */
  stop(): Promise<void>;
}

const patienceMs = 60_000;

export async function install(cluster: ControlPlane, options: InstallOptions = {}): Promise<Installation> {
  const namespace = options.namespace ?? 'pratique-system';
  const running = new AsyncDisposableStack();
  try {
    const service = running.use(await startService());
    const folder = await mkdtemp(join(cluster.folder, 'installation-'));
    running.defer(() => rm(folder, { recursive: true, force: true }));
    const children = processes('');
    running.defer(() => children.stop());
    const chart = chartOf(await render({ namespace, values: options.values ?? {} }));
    const file = join(folder, 'pratique.yaml');
    await writeFile(file, configurationOf(chart, namespace, options.configuration ?? {}));
    await apply(cluster.kubeconfig, [
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
      ...(await served(cluster, adapted(chart, { namespace, port: service.port }))),
    ]);
    const own = await ownKubeconfig(cluster, chart, namespace, folder);
    const replicas: Replica[] = [];
    let started = 0;
    const add = async () => {
      started += 1;
      const name = `pratique-${started}`;
      const environment = {
        ...chart.environment({ name, namespace }),
        KUBECONFIG: own,
        ...options.environment,
      };
      const replica = await startReplica(name, children, {
        configuration: file,
        environment: { PATH: process.env['PATH'] ?? '', ...environment },
        patienceMs,
        ...(options.command !== undefined && { command: options.command }),
      });
      replicas.push(replica);
      const backend = { port: replica.port, readiness: `${replica.metricsUrl}/readyz` };
      service.add(backend);
      void replica.exited.then(() => {
        service.remove(backend);
        return replicas.splice(replicas.indexOf(replica), 1);
      });
      await untilTrue(
        () => replica.ready(),
        () => notReady(replica),
      );
      return replica;
    };
    const sum = async (prefix: string) =>
      (await Promise.all(replicas.map((replica) => replica.sum(prefix)))).reduce((a, b) => a + b, 0);
    await Promise.all(Array.from({ length: options.replicas ?? 1 }, add));
    if (options.wait ?? true) await untilCalled(cluster, sum);
    return {
      namespace,
      folder,
      configuration: file,
      kubeconfig: own,
      service,
      chart,
      // A copy: a test that ends replicas one after the other changes the list.
      get replicas() {
        return [...replicas];
      },
      add,
      remove: (replica) => replica.stop(),
      sum,
      async stop() {
        await Promise.all(replicas.map((replica) => replica.stop()));
        await running.disposeAsync();
      },
      [Symbol.asyncDispose]: () => running.disposeAsync(),
    };
  } catch (error) {
    await running.disposeAsync();
    throw error;
  }
}

function configurationOf({ configuration }: Chart, namespace: string, more: object): string {
  const here = {
    // Registries on a loopback address are this machine's, as the nodes are.
    registry: { loopback: 'contact' },
    controller: { namespace },
    server: { webhook: { listen: '127.0.0.1:0' }, metrics: { listen: '127.0.0.1:0' } },
  };
  return stringify(merge(merge(configuration, here), more));
}

/** Mappings are merged, everything else is replaced. */
function merge(base: unknown, over: unknown): unknown {
  if (!isMapping(base) || !isMapping(over)) return over;
  const merged = Object.entries(over).map(([key, value]) => [key, merge(base[key], value)] as const);
  return { ...base, ...Object.fromEntries(merged) };
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Without what the API server does not know: monitors of an operator that is not there. */
async function served(
  { kubeconfig }: ControlPlane,
  objects: ReturnType<typeof adapted>,
): Promise<ReturnType<typeof adapted>> {
  const versions = (await must(kubeconfig, ['api-versions'])).split('\n');
  return objects.filter(({ apiVersion }) => versions.includes(apiVersion));
}

async function ownKubeconfig(
  cluster: ControlPlane,
  { serviceAccount }: Chart,
  namespace: string,
  folder: string,
): Promise<string> {
  const args = ['create', 'token', serviceAccount, '--namespace', namespace, '--duration', '24h'];
  const token = (await must(cluster.kubeconfig, args)).trim();
  const path = join(folder, 'kubeconfig');
  await writeFile(path, kubeconfig(cluster.server, cluster.ca, [{ name: 'pratique', token, namespace }]), {
    mode: 0o600,
  });
  return path;
}

/** The API server learns of webhook configurations a moment after they are stored. */
async function untilCalled(
  { kubeconfig }: ControlPlane,
  sum: (prefix: string) => Promise<number>,
): Promise<void> {
  const probe = listOf([
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'pratique-probe', namespace: 'default' },
      // Nothing is asked about it.
      spec: { containers: [{ name: 'probe', image: 'probe:1', imagePullPolicy: 'Never' }] },
    },
  ]);
  let said = '';
  await untilTrue(
    async () => {
      said = (await kubectl(kubeconfig, ['create', '--dry-run=server', '-f', '-'], { stdin: probe })).stderr;
      const counts = ['mutate', 'validate'].map((name) =>
        sum(`pratique_admission_requests_total{webhook="${name}"`),
      );
      return (await Promise.all(counts)).every((count) => count > 0);
    },
    () => Promise.resolve(`the API server does not call the webhooks: ${said}`),
  );
}

async function untilTrue(condition: () => Promise<boolean>, why: () => Promise<string>): Promise<void> {
  for (const end = Date.now() + patienceMs; Date.now() < end; await delay(50)) {
    if (await condition()) return;
  }
  throw new Error(await why());
}
