/** Another platform than this machine's: a Node object without a kubelet. Its images are seen on the real nodes, in the table: single manifests end by `exec format error`, indexes are not pulled. */
import { setTimeout as delay } from 'node:timers/promises';
import { type Api, apiOf } from '../../integration/cluster/support/api.ts';
import { createNodes } from '../../kit/cluster/nodes/nodes.ts';
import { plainHttp, type RealCluster, writeHosts } from '../../kit/node/real-cluster.ts';
import { runnable } from '../../kit/node/runnable-images.ts';
import { domain } from '../../kit/node/virtual-registries.ts';
import { indexOf, platform } from '../../kit/registries/images.ts';
import { enforced } from '../verdict.ts';
import type { Story } from './story.ts';

const host = `platforms.${domain}`;

export async function playOtherPlatform(cluster: RealCluster): Promise<readonly Story[]> {
  using api = apiOf(cluster.control);
  const { registries, nodes, control } = cluster;
  const address = `${host}:${registries.plainPort}`;
  const index = (...platforms: readonly string[]) =>
    indexOf(
      platforms.map((text) => ({ image: runnable(text, { salt: 'platforms' }), platform: platform(text) })),
    );
  registries
    .host(host)
    .add('both', '1', index('linux/amd64', 'linux/arm64'))
    .add('amd64', '1', index('linux/amd64'))
    .add('arm64', '1', index('linux/arm64'));
  for (const node of nodes) await writeHosts(node, address, { 'hosts.toml': plainHttp(address) });
  await createNodes(control.kubeconfig, [{ name: 'node-arm64', platform: 'linux/arm64' }]);
  // Files of the nodes and nodes are seen within seconds.
  await delay(5_000);
  const cases: readonly (readonly [repository: string, architecture: string, expected: string])[] = [
    ['both', 'arm64', 'allowed'],
    ['arm64', 'arm64', 'allowed'],
    ['amd64', 'arm64', 'denied'],
    ['arm64', 'amd64', 'denied'],
  ];
  return await Promise.all(
    cases.map(async ([repository, architecture, expected]) => ({
      id: `${repository}-for-${architecture}`,
      title: `an image for ${repository} on a pod for nodes of ${architecture}`,
      expected,
      seen: await ask(api, `${address}/${repository}:1`, architecture),
    })),
  );
}

async function ask(api: Api, image: string, architecture: string): Promise<string> {
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'platforms' },
    spec: { nodeSelector: { 'kubernetes.io/arch': architecture }, containers: [{ name: 'app', image }] },
  };
  const { status, body } = await api.send('POST', `/api/v1/namespaces/${enforced}/pods?dryRun=All`, pod);
  if (status === 201) return 'allowed';
  return body.message?.includes('(platform-missing') ? 'denied' : `status ${status}: ${body.message}`;
}
