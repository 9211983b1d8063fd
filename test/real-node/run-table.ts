/** All rows on all nodes: their registries, Pratique installed, the verdicts, and what the nodes made of the pods. */
import { setTimeout as delay } from 'node:timers/promises';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Api, apiOf } from '../integration/cluster/support/api.ts';
import { apply } from '../kit/cluster/apply.ts';
import { archiveOf } from '../kit/node/image-archive.ts';
import { plainHttp, type RealCluster, writeHosts } from '../kit/node/real-cluster.ts';
import type { RealNode } from '../kit/node/real-node.ts';
import type { Release } from '../kit/node/release.ts';
import { inParallel } from './in-parallel.ts';
import { type Names, namesOf } from './names.ts';
import { type Observation, observe, type ObservedPod } from './observe.ts';
import { expectedOf, type Row } from './row.ts';
import type { Stopwatch } from './stopwatch.ts';
import { ask, enforced, unchecked, untilAsked, type Verdict } from './verdict.ts';

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

/** Denials of any kind count, and images called `unpinned` are not pinned: what a tag does on the node is seen, too. Nothing depends on how fast this machine is. */
export const releaseValues = {
  webhooks: { failurePolicy: 'Fail', excludeNamespaces: [unchecked], timeoutSeconds: 30 },
  config: {
    policy: { onDenied: 'deny', rules: [{ images: ['**/unpinned'], pin: 'off' }] },
    registry: { endpointTimeout: '10s', resolutionTimeout: '60s' },
    server: { webhook: { deadline: '25s' } },
  },
};

export async function runTable(
  cluster: RealCluster,
  release: Release,
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
      fill(cluster.registries.host(names.host(host)), names);
  }
  for (const trial of trials) await prepareNode(cluster, trial);
  await apply(cluster.control.kubeconfig, objectsFor(rows, cluster));
  watch.lap('registries, hosts.toml, imported images');
  await release.apply(releaseValues);
  watch.lap('Pratique from its image and chart');
  using api = apiOf(cluster.control);
  await untilAsked(api);
  const verdicts = await inParallel(6, trials, (trial) => ask(api, podOf(trial)));
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
  await writeFile(archive, archiveOf(row.preloaded(row.id), image));
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
/** A pull that fails where none is expected to fails again, or was a matter of the moment: the kubelet tries again after ten seconds. */
const secondTryMs = 25_000;

async function observeAll(
  api: Api,
  trials: readonly Trial[],
  verdicts: readonly Verdict[],
): Promise<readonly (Observation | null)[]> {
  const observed = trials.map((): Observation | null => null);
  const unsettled = new Set(trials.keys());
  const begun = Date.now();
  for (; unsettled.size > 0 && Date.now() - begun < patienceMs; await delay(pauseMs)) {
    const pods = await listPods(api);
    for (const at of unsettled) {
      const trial = trials[at];
      const pod = pods.get(`${verdicts[at]?.namespace}/${trial?.name}`);
      if (trial === undefined || pod === undefined) continue;
      const observation = await observe(api, pod, Date.now());
      if (observation === null) continue;
      observed[at] = observation;
      const isExpected = expectedOf(trial.row, trial.node.runtime).includes(observation.outcome);
      if (isExpected || Date.now() - begun > secondTryMs) unsettled.delete(at);
    }
  }
  return observed;
}

async function listPods(api: Api): Promise<ReadonlyMap<string, ObservedPod>> {
  const pods = new Map<string, ObservedPod>();
  for (const namespace of [enforced, unchecked]) {
    const path = `/api/v1/namespaces/${namespace}/pods`;
    const { body } = await api.send<{ items: readonly ObservedPod[] }>('GET', path);
    for (const pod of body.items) pods.set(`${namespace}/${pod.metadata.name}`, pod);
  }
  return pods;
}
