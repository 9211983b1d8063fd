/** The stage of the cluster's demo: a real control plane, nodes without kubelets, the demo's registries, and Pratique installed from its chart. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type ControlPlane, startControlPlane } from '../../test/kit/cluster/control-plane/control-plane.ts';
import { type Installation, install } from '../../test/kit/cluster/installation.ts';
import { startKubelets } from '../../test/kit/cluster/nodes/kubelet.ts';
import { commonNodes, createNodes } from '../../test/kit/cluster/nodes/nodes.ts';
import { type Scene, setScene } from '../scenario.ts';
import { step } from './progress.ts';

export interface Stage extends AsyncDisposable {
  readonly scene: Scene;
  readonly cluster: ControlPlane;
  readonly pratique: Installation;
}

export async function setStage(): Promise<Stage> {
  const running = new AsyncDisposableStack();
  try {
    const scene = await setScene();
    running.defer(async () => {
      await scene.upstream.registry.stop();
      await scene.mirror.registry.stop();
      await rm(scene.folder, { recursive: true, force: true });
    });
    const cluster = running.use(
      await step('etcd, API server, controllers and scheduler', () => startControlPlane()),
    );
    await step(`${commonNodes.length} nodes`, () => createNodes(cluster.kubeconfig, commonNodes));
    running.use(await startKubelets(cluster.kubeconfig, { digestOf: (image) => pulled(image, scene) }));
    const pratique = await step('Pratique, from its chart', () =>
      install(cluster, { replicas: 2, configuration: settings(scene) }),
    );
    running.defer(() => pratique.stop());
    return { scene, cluster, pratique, [Symbol.asyncDispose]: () => running.disposeAsync() };
  } catch (error) {
    await running.disposeAsync();
    throw error;
  }
}

/** What a person has to write beside the chart's defaults, and shorter times, so that nobody has to wait for the story. */
function settings({ folder }: Scene): object {
  return {
    mirrors: { containerd: { configPath: join(folder, 'certs.d') } },
    cache: { tagTTL: '1s' },
    controller: { interval: '5s' },
  };
}

/** As the nodes pull: the mirror first. */
async function pulled(image: string, { mirror, upstream }: Scene): Promise<string | null> {
  const [, name = '', tag = 'latest', digest] = /^([^@]+?)(?::([^/:@]+))?(?:@(.+))?$/.exec(image) ?? [];
  const repository = name.includes('/') ? name : `library/${name}`;
  for (const { url } of [mirror, upstream]) {
    const answer = await fetch(`${url}/v2/${repository}/manifests/${digest ?? tag}`, {
      method: 'HEAD',
    }).catch(() => null);
    if (answer?.ok) return answer.headers.get('docker-content-digest');
  }
  return null;
}
