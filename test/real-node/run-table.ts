/** All rows on all nodes: their registries, Pratique installed, the verdicts, and what the nodes made of the pods. */
import { setTimeout as delay } from 'node:timers/promises';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Api, apiOf } from '../integration/cluster/support/api.ts';
import { apply } from '../kit/cluster/apply.ts';
import { archiveOf } from '../kit/node/image-archive.ts';
import { plainHttp, type RealCluster, writeHosts } from '../kit/node/real-cluster.ts';
import type { RealNode } from '../kit/node/real-node.ts';
import { releaseOf } from '../kit/node/release.ts';
import { type Names, namesOf } from './names.ts';
import { type Observation, observe, type ObservedPod } from './observe.ts';
import type { Row } from './row.ts';
import type { Stopwatch } from './stopwatch.ts';
import { ask, enforced, unchecked, type Verdict } from './verdict.ts';

export interface Result {
  readonly row: Row;
  readonly node: RealNode;
  readonly image: string;
  readonly verdict: Verdict;
  /** null: nothing was decided in time. */
  readonly observed: Observation | null;
}

/** A row on a node. */
interface Trial {
  readonly row: Row;
  readonly node: RealNode;
  readonly names: Names;
  readonly name: string;
  readonly image: string;
}

export async function runTable(
  cluster: RealCluster,
  rows: readonly Row[],
  watch: Stopwatch,
): Promise<readonly Result[]> {
  const trials = rows.flatMap((row) =>
    cluster.nodes.map((node): Trial => {
      const names = namesOf(row.id, cluster.registries);
      const image = row.image?.(names) ?? `${names.plain('origin')}/app:1`;
      return { row, node, names, name: `${row.id}-${node.name}`, image };
    }),
  );
  for (const row of rows) {
    const names = namesOf(row.id, cluster.registries);
    for (const [host, fill] of Object.entries(row.hosts ?? {}))
      fill(cluster.registries.host(names.host(host)));
  }
  for (const trial of trials) await prepareNode(cluster, trial);
  await apply(cluster.control.kubeconfig, objectsFor(rows, cluster));
  watch.lap('registries, hosts.toml, imported images');
  const release = await releaseOf(cluster);
  await release.apply({ webhooks: { failurePolicy: 'Fail', excludeNamespaces: [unchecked] } });
  watch.lap('Pratique from its image and chart');
  using api = apiOf(cluster.control);
  const verdicts = await inParallel(4, trials, (trial) => ask(api, podOf(trial)));
  watch.lap(`${trials.length} verdicts`);
  const observed = await observeAll(api, trials, verdicts);
  watch.lap('what the nodes did');
  return trials.map(({ row, node, image }, at) => {
    const verdict = verdicts[at];
    if (verdict === undefined) throw new Error(`${row.id} has no verdict`);
    return { row, node, image, verdict, observed: observed[at] ?? null };
  });
}

async function prepareNode({ folder }: RealCluster, { row, node, names, image }: Trial): Promise<void> {
  const plain = { [names.plain('origin')]: plainHttp(names.plain('origin')) };
  for (const [host, hostsToml] of Object.entries(row.hostsTomls?.(names, node.runtime) ?? plain))
    await writeHosts(node, host, { 'hosts.toml': hostsToml, ...row.files?.(names) });
  if (row.preloaded === undefined) return;
  const archive = join(folder, `${row.id}.tar`);
  await writeFile(archive, archiveOf(row.preloaded, image));
  await node.ctr('images', 'import', archive);
}

/** Namespaces and the Secrets of both, and a service account where a row names one. */
function objectsFor(rows: readonly Row[], { registries }: RealCluster) {
  const namespaces = [enforced, unchecked].map((name) => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, labels: name === enforced ? { 'pratique.dev/mode': 'enforce' } : {} },
  }));
  const secrets = rows.flatMap(({ id, pullSecrets = {} }) => {
    const host = namesOf(id, registries).plain('origin');
    return Object.entries(pullSecrets).flatMap(([name, login]) =>
      [enforced, unchecked].map((namespace) => ({
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: `${id}-${name}`, namespace },
        type: 'kubernetes.io/dockerconfigjson',
        stringData: {
          '.dockerconfigjson': JSON.stringify({
            auths: { [host]: { auth: Buffer.from(login).toString('base64') } },
          }),
        },
      })),
    );
  });
  const accounts = rows
    .filter(({ id }) => id === 'account-login')
    .flatMap(({ id }) =>
      [enforced, unchecked].map((namespace) => ({
        apiVersion: 'v1',
        kind: 'ServiceAccount',
        metadata: { name: id, namespace },
        imagePullSecrets: [{ name: `${id}-right` }],
      })),
    );
  return [...namespaces, ...secrets, ...accounts];
}

function podOf({ row, node, names, name, image }: Trial): object {
  const { spec = {}, container = {}, containers = [] } = row.pod?.(image, names) ?? {};
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: {
      nodeSelector: { 'kubernetes.io/hostname': node.name },
      restartPolicy: 'Never',
      terminationGracePeriodSeconds: 1,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      // No network of its own: what is looked at is the image.
      hostNetwork: true,
      containers: [{ name: 'app', image, imagePullPolicy: 'IfNotPresent', ...container }, ...containers],
      ...spec,
    },
  };
}

const patienceMs = 90_000;
const pauseMs = 700;

async function observeAll(
  api: Api,
  trials: readonly Trial[],
  verdicts: readonly Verdict[],
): Promise<readonly (Observation | null)[]> {
  const observed = trials.map((): Observation | null => null);
  for (
    const end = Date.now() + patienceMs;
    observed.includes(null) && Date.now() < end;
    await delay(pauseMs)
  ) {
    const pods = new Map<string, ObservedPod>();
    for (const namespace of [enforced, unchecked]) {
      const { body } = await api.send<{ items: readonly ObservedPod[] }>(
        'GET',
        `/api/v1/namespaces/${namespace}/pods`,
      );
      for (const pod of body.items) pods.set(`${namespace}/${pod.metadata.name}`, pod);
    }
    for (const [at, { name }] of trials.entries()) {
      const pod = pods.get(`${verdicts[at]?.namespace}/${name}`);
      if (pod !== undefined) observed[at] ??= await observe(api, pod, Date.now());
    }
  }
  return observed;
}

/** The results in the order of `items`. */
async function inParallel<T, R>(
  workers: number,
  items: readonly T[],
  work: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const results: R[] = [];
  const queue = items.entries();
  await Promise.all(
    Array.from({ length: workers }, async () => {
      for (const [at, item] of queue) results[at] = await work(item);
    }),
  );
  return results;
}
