/** P6: a large cluster on a real API server. How long until Pratique knows and has inspected all of it, with how many requests and how much memory; and that it is quiet then. */
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { startControlPlane } from '../kit/cluster/control-plane/control-plane.ts';
import { install, type Replica } from '../kit/cluster/installation.ts';
import { filledCluster, registryHost } from './cluster/filled.ts';
import type { Size } from './cluster/objects.ts';
import { installedPackage } from './cluster/package.ts';
import type { Registry } from './cluster/registry.ts';
import { requestsIn } from './cluster/requests.ts';

const size: Size = { nodes: 5_000, pods: 20_000, images: 2_000, namespaces: 100 };
const quietSeconds = 30;

export async function cluster(): Promise<void> {
  const { nodes, pods, images, namespaces } = size;
  console.log(
    `${nodes} nodes, ${pods} pods in ${namespaces} namespaces, ${images} images, a real API server`,
  );
  const registry = await startRegistry();
  const etcdData = await filledCluster(size, registry.digestOf);
  await using plane = await startControlPlane({ controllers: false, audit: true, etcdData });
  const command = await installedPackage();
  const begun = performance.now();
  await using installation = await install(plane, {
    wait: false,
    command,
    configuration: { mirrors: { containerd: { configPath: await mirrors(registry) } } },
  });
  const [replica] = installation.replicas;
  if (!replica) throw new Error('there is no replica');
  console.log(`ready after ${seconds(begun)} s, ${await memory(replica)}`);
  const objects = await untilInspected(replica, begun);
  console.log(
    `${objects} images of a namespace inspected after ${seconds(begun)} s, ${await memory(replica)}`,
  );
  console.log(`requests of the registry: ${await registry.requests()}`);
  await sleep(5_000);
  await requestsIn(plane.auditLog, 0, 'while that was done');
  const quiet = await lengthOf(plane.auditLog);
  await sleep(quietSeconds * 1_000);
  await requestsIn(plane.auditLog, quiet, `in ${quietSeconds} s afterwards`);
  console.log(`at the end ${await memory(replica)}`);
  registry.stop();
}

/** The nodes' hosts.toml: it leads to the registry of the images. */
async function mirrors({ url }: RunningRegistry): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'pratique-bench-'));
  await mkdir(join(folder, registryHost));
  await writeFile(join(folder, registryHost, 'hosts.toml'), `server = "${url}"\n`);
  return folder;
}

interface RunningRegistry {
  readonly url: string;
  readonly digestOf: (image: number) => string;
  requests(): Promise<number>;
  stop(): void;
}

/** In a thread of its own: its work must not be taken for Pratique's waiting. */
async function startRegistry(): Promise<RunningRegistry> {
  const worker = new Worker(new URL('./cluster/registry.ts', import.meta.url), { workerData: size.images });
  const [{ url, digests }] = (await once(worker, 'message')) as [Registry];
  return {
    url,
    digestOf: (image) => digests[image] ?? '',
    async requests() {
      worker.postMessage('requests');
      const [count] = (await once(worker, 'message')) as [number];
      return count;
    },
    stop: () => void worker.terminate(),
  };
}

/** Gives the number of objects, when all have a result. */
async function untilInspected(replica: Replica, begun: number): Promise<number> {
  for (let told = 0; ; await sleep(250)) {
    const found = [...(await replica.metrics())].filter(([series]) => series.startsWith('pratique_images{'));
    const count = found.reduce((sum, [, value]) => sum + value, 0);
    const queued = await replica.sum('pratique_workqueue_depth');
    if (count > 0 && queued === 0) return count;
    if (performance.now() - begun > 600_000) throw new Error(`only ${count} after ten minutes`);
    if (count - told >= 500) console.log(`  ${(told = count)} after ${seconds(begun)} s`);
  }
}

function seconds(since: number): string {
  return ((performance.now() - since) / 1_000).toFixed(1);
}

/** Resident now, and at most so far. */
async function memory({ pid }: Replica): Promise<string> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const [now, most] = ['VmRSS', 'VmHWM'].map((key) =>
    (Number(new RegExp(`${key}:\\s+(\\d+)`).exec(status)?.[1]) / 1_024).toFixed(0),
  );
  return `resident ${now} MiB, at most ${most} MiB`;
}

async function lengthOf(file: string | null): Promise<number> {
  return file === null ? 0 : (await readFile(file)).length;
}
