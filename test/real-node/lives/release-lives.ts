/** Pratique's own life, while pods are created all the time: a roll-out, an upgrade of its configuration, its end, and its return. */
import { setTimeout as delay } from 'node:timers/promises';
import { type Api, apiOf } from '../../integration/cluster/support/api.ts';
import { plainHttp, type RealCluster, writeHosts } from '../../kit/node/real-cluster.ts';
import type { Release } from '../../kit/node/release.ts';
import { runnable } from '../../kit/node/runnable-images.ts';
import { domain } from '../../kit/node/virtual-registries.ts';
import { enforced } from '../verdict.ts';

export interface ReleaseResult {
  readonly title: string;
  readonly expected: string;
  readonly seen: string;
}

const everyMs = 200;
const host = `release.${domain}`;

/** `values`: what the release has. */
export async function playRelease(
  cluster: RealCluster,
  release: Release,
  values: object,
): Promise<readonly ReleaseResult[]> {
  using api = apiOf(cluster.control);
  const address = `${host}:${cluster.registries.plainPort}`;
  cluster.registries.host(host).add('app', '1', runnable('linux/amd64', { salt: 'release' }));
  for (const node of cluster.nodes) await writeHosts(node, address, { 'hosts.toml': plainHttp(address) });
  // Until both replicas have read it.
  await delay(4_000);
  const good = `${address}/app:1`;
  const during = (work: () => Promise<unknown>) => createDuring(api, good, work);
  const annotated = { ...values, podAnnotations: { 'pratique.dev/test': 'again' } };
  return [
    {
      title: 'a roll-out of Pratique, while pods are created',
      expected: 'none refused, all pinned',
      seen: await during(() => release.apply(annotated)),
    },
    {
      title: 'helm uninstall, while pods are created',
      expected: 'none refused, some not pinned',
      seen: await during(() => release.helm('uninstall', 'pratique', '--wait')),
    },
    {
      title: 'helm install again, while pods are created',
      expected: 'none refused, some not pinned',
      seen: await during(() => release.apply(values)),
    },
    {
      title: 'after that',
      expected: 'none refused, all pinned',
      seen: await during(() => delay(2_000)),
    },
  ];
}

/** What became of the pods of a good image that were created, by dry runs, during `work`. */
async function createDuring(api: Api, image: string, work: () => Promise<unknown>): Promise<string> {
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'release' },
    spec: { containers: [{ name: 'app', image }] },
  };
  let [isOver, refused, unpinned] = [false, 0, 0];
  let words = '';
  const creating = (async () => {
    for (; !isOver; await delay(everyMs)) {
      const { status, body } = await api.send<{
        message?: string;
        spec?: { containers: { image: string }[] };
      }>('POST', `/api/v1/namespaces/${enforced}/pods?dryRun=All`, pod);
      if (status !== 201) {
        refused += 1;
        words = body.message ?? '';
      } else if (!body.spec?.containers[0]?.image.includes('@sha256:')) unpinned += 1;
    }
  })();
  try {
    await work();
  } finally {
    isOver = true;
    await creating;
  }
  const said = refused === 0 ? 'none refused' : `${refused} refused (${words.slice(0, 200)})`;
  return `${said}, ${unpinned === 0 ? 'all pinned' : 'some not pinned'}`;
}
