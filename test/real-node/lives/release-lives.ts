/** Pratique's own life, while pods are created all the time: a roll-out, an upgrade of its configuration, its end, and its return. */
import { setTimeout as delay } from 'node:timers/promises';
import { type Api, apiOf } from '../../integration/cluster/support/api.ts';
import { plainHttp, type RealCluster, writeHosts } from '../../kit/node/real-cluster.ts';
import type { Release } from '../../kit/node/release.ts';
import { runnable } from '../../kit/node/runnable-images.ts';
import { domain } from '../../kit/node/virtual-registries.ts';
import { enforced } from '../verdict.ts';
import type { Story } from './story.ts';

const everyMs = 200;
const host = `release.${domain}`;

/** `values`: what the release has. */
export async function playRelease(
  cluster: RealCluster,
  release: Release,
  values: object,
): Promise<readonly Story[]> {
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
      id: 'roll-out',
      title: 'a roll-out of Pratique, while pods are created',
      expected: 'none refused, all pinned',
      ...(await during(() => release.apply(annotated))),
    },
    {
      id: 'uninstall',
      title: 'helm uninstall, while pods are created',
      expected: 'none refused, some not pinned',
      ...(await during(() => release.helm('uninstall', 'pratique', '--wait'))),
    },
    {
      id: 'install',
      title: 'helm install again, while pods are created',
      expected: 'none refused, some not pinned',
      ...(await during(() => release.apply(values))),
    },
    {
      id: 'installed',
      title: 'five seconds later, while pods are created',
      expected: 'none refused, all pinned',
      ...(await delay(5_000).then(() => during(() => delay(2_000)))),
    },
  ];
}

/** What became of the pods of a good image that were created, by dry runs, during `work`. */
async function createDuring(
  api: Api,
  image: string,
  work: () => Promise<unknown>,
): Promise<Pick<Story, 'seen' | 'words'>> {
  const spec = { containers: [{ name: 'app', image }] };
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'release' }, spec };
  const over = new AbortController();
  const refused: string[] = [];
  const unpinned: string[] = [];
  const creating = (async () => {
    for (; !over.signal.aborted; await delay(everyMs)) {
      const answer = await api.send<CreatedPod>('POST', path, pod).catch(() => null);
      // A connection that the API server drops says nothing of Pratique.
      if (answer === null) continue;
      const { status, body, warnings } = answer;
      if (status !== 201) refused.push(body.message ?? `status ${status}`);
      else if (!body.spec?.containers[0]?.image.includes('@sha256:')) unpinned.push(warnings.join(' '));
    }
  })();
  try {
    await work();
  } finally {
    over.abort();
    await creating;
  }
  return {
    seen: `${refused.length === 0 ? 'none' : 'some'} refused, ${unpinned.length === 0 ? 'all pinned' : 'some not pinned'}`,
    words: `${refused.length} refused, ${unpinned.length} not pinned: ${[...new Set([...refused, ...unpinned])].join(' | ').slice(0, 600)}`,
  };
}

const path = `/api/v1/namespaces/${enforced}/pods?dryRun=All`;

interface CreatedPod {
  readonly message?: string;
  readonly spec?: { readonly containers: readonly { readonly image: string }[] };
}
