/** The cluster of `make node`, in its private box: two nodes, registries with images of every telling kind, and Pratique. */
import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { apply } from '../../test/kit/cluster/apply.ts';
import {
  plainHttp,
  type RealCluster,
  startRealCluster,
  writeHosts,
} from '../../test/kit/node/real-cluster.ts';
import { releaseOf } from '../../test/kit/node/release.ts';
import { runnable } from '../../test/kit/node/runnable-images.ts';
import { domain } from '../../test/kit/node/virtual-registries.ts';
import type { NodeTools } from '../../test/kit/node/tools.ts';
import { indexOf, platform } from '../../test/kit/registries/images.ts';
import { step } from '../cluster/progress.ts';

const ended = new Promise<void>((resolve) => {
  process.once('SIGINT', () => resolve());
  process.once('SIGTERM', () => resolve());
});
const tools = JSON.parse(process.argv[2] ?? '') as NodeTools;
const nodes = { 'node-1': '2', 'node-2': '1.6' } as const;
const running = await Promise.race([ended, setUp()]);
if (running !== undefined) {
  tell(running);
  await ended;
  process.stdout.write('Stopping.\n');
}
// Process 1 of the box ends with this one, and everything else with that.
process.exit(0);

async function setUp(): Promise<RealCluster> {
  const cluster = await step('control plane, registries and two nodes', () =>
    startRealCluster({ tools, nodes }),
  );
  await step('images', () => fill(cluster));
  await step('Pratique, from its image and chart', async () => {
    const release = await releaseOf(cluster);
    await release.apply({ config: { cache: { tagTTL: '1s' }, controller: { interval: '10s' } } });
  });
  await apply(cluster.control.kubeconfig, [
    {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'shop', labels: { 'pratique.dev/mode': 'enforce' } },
    },
  ]);
  await symlink(cluster.control.kubeconfig, join(cluster.folder, 'kubeconfig'));
  return cluster;
}

/** docker.io by a mirror of each node, and a registry that both ask. */
async function fill({ registries, nodes: all }: RealCluster): Promise<void> {
  const mirror = registries.host(`mirror.${domain}`);
  const index = (...platforms: readonly string[]) =>
    indexOf(platforms.map((text) => ({ image: runnable(text), platform: platform(text) })));
  mirror.add('library/nginx', '1.27', index('linux/amd64', 'linux/arm64'));
  mirror.add('team/edge', '1', runnable('linux/arm64', { salt: 'edge' }));
  mirror.add('team/legacy', '2', index('linux/arm64'));
  const own = registries.host(`second.${domain}`);
  own.add('library/redis', '7', runnable('linux/amd64', { salt: 'redis' }));
  const port = registries.plainPort;
  for (const { name, certificates } of all) {
    const mirrors = name === 'node-2' ? ['second', 'mirror'] : ['mirror'];
    const hosts = mirrors.map((each) => `[host."http://${each}.${domain}:${port}"]\n`);
    await writeHosts({ certificates }, 'docker.io', {
      'hosts.toml': `server = "https://registry-1.docker.io"\n${hosts.join('')}`,
    });
    await writeHosts({ certificates }, `mirror.${domain}:${port}`, {
      'hosts.toml': plainHttp(`mirror.${domain}:${port}`),
    });
  }
}

function tell({ folder }: RealCluster): void {
  const lines = [
    '',
    'A real cluster is up: node-1 with the newest containerd, node-2 with containerd 1.6, and Pratique on both.',
    'Nothing of it is seen outside of its namespaces. It stays until Ctrl-C. In another terminal, as root:',
    '  hack/node-shell.sh                    # a shell inside, with kubectl and helm',
    '  kubectl get pods -A -o wide',
    '  kubectl -n shop run web --image=nginx:1.27         # pinned, and it runs',
    '  kubectl -n shop run edge --image=team/edge:1       # denied: for arm64 only',
    '  kubectl run edge --image=team/edge:1               # a warning, and exec format error',
    '  kubectl run ghost --image=team/ghost:9             # a warning, and ImagePullBackOff',
    '  kubectl -n shop run redis --image=redis:7          # denied: only the mirror of node-2 has it',
    `  kubectl -n shop run redis --image=redis:7 --overrides='{"spec":{"nodeName":"node-2"}}'`,
    '  kubectl get imageinspections -A -o wide',
    `  files of the nodes: ${folder}/node-1, ${folder}/node-2`,
    '',
  ];
  process.stdout.write(lines.join('\n'));
}
