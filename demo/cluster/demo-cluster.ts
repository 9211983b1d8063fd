/** The cluster of the demo: a real control plane, nodes without kubelets, the demo's registries, and Pratique installed from its chart. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type ControlPlane, startControlPlane } from '../../test/kit/cluster/control-plane/control-plane.ts';
import { type Installation, install } from '../../test/kit/cluster/installation.ts';
import { startKubelets } from '../../test/kit/cluster/nodes/kubelet.ts';
import type { Pulled } from '../../test/kit/cluster/nodes/node-images.ts';
import { commonNodes, createNodes } from '../../test/kit/cluster/nodes/nodes.ts';
import { type Scenario, startScenario } from '../scenario.ts';
import { step } from './progress.ts';

export interface DemoCluster extends AsyncDisposable {
  readonly scenario: Scenario;
  readonly cluster: ControlPlane;
  readonly pratique: Installation;
}

export async function startDemoCluster(): Promise<DemoCluster> {
  const running = new AsyncDisposableStack();
  try {
    const scenario = await startScenario();
    running.defer(async () => {
      await scenario.upstream.registry.stop();
      await scenario.mirror.registry.stop();
      await rm(scenario.folder, { recursive: true, force: true });
    });
    const cluster = running.use(
      await step('etcd, API server, controllers and scheduler', () => startControlPlane()),
    );
    await step(`${commonNodes.length} nodes`, () => createNodes(cluster.kubeconfig, commonNodes));
    running.use(
      await startKubelets(cluster.kubeconfig, { pull: (image, node) => pull(image, node, scenario) }),
    );
    const pratique = await step('Pratique, from its chart', () =>
      install(cluster, { replicas: 2, configuration: settings(scenario) }),
    );
    running.defer(() => pratique.stop());
    return { scenario, cluster, pratique, [Symbol.asyncDispose]: () => running.disposeAsync() };
  } catch (error) {
    await running.disposeAsync();
    throw error;
  }
}

/** The one setting that a cluster needs beside the chart's defaults, and shorter times for the demo. */
function settings({ folder }: Scenario): object {
  return {
    mirrors: { containerd: { configPath: join(folder, 'certs.d') } },
    cache: { tagTTL: '1s' },
    controller: { interval: '5s' },
  };
}

interface Platform {
  readonly os: string;
  readonly architecture: string;
}

interface Manifest {
  readonly config?: { readonly digest: string };
  readonly manifests?: readonly { readonly digest: string; readonly platform?: Platform }[];
}

/** What the node would pull: the mirror is asked first, then upstream, and of an index the node takes what is for its platform. */
async function pull(image: string, node: string, { mirror, upstream }: Scenario): Promise<Pulled | null> {
  const [, name = '', tag = 'latest', digest] = /^([^@]+?)(?::([^/:@]+))?(?:@(.+))?$/.exec(image) ?? [];
  const repository = name.includes('/') ? name : `library/${name}`;
  for (const { url } of [mirror, upstream]) {
    const manifests = `${url}/v2/${repository}/manifests`;
    const answer = await fetch(`${manifests}/${digest ?? tag}`).catch(() => null);
    const found = answer?.headers.get('docker-content-digest');
    if (!answer?.ok || !found) continue;
    const root = (await answer.json()) as Manifest;
    const child = root.manifests?.find(({ platform }) => isFor(node, platform))?.digest;
    const single = child === undefined ? root : await fetch(`${manifests}/${child}`).then(readManifest);
    return { digest: found, configuration: single.config?.digest ?? found };
  }
  return null;
}

async function readManifest(answer: Response): Promise<Manifest> {
  return (await answer.json()) as Manifest;
}

function isFor(node: string, platform?: Platform): boolean {
  const wanted = commonNodes.find(({ name }) => name === node)?.platform ?? '';
  return wanted.startsWith(`${platform?.os}/${platform?.architecture}`);
}
