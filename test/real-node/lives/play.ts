/** Plays every life on every node: one after the other on a node, the nodes at the same time. */
import { apiOf } from '../../integration/cluster/support/api.ts';
import type { RealCluster } from '../../kit/node/real-cluster.ts';
import type { Life, LifeResult } from './life.ts';

export async function playLives(
  cluster: RealCluster,
  lives: readonly Life[],
): Promise<readonly LifeResult[]> {
  using api = apiOf(cluster.control);
  const results = await Promise.all(
    cluster.nodes.map(async (node) => {
      const mine: LifeResult[] = [];
      for (const life of lives) mine.push({ life, node, seen: await life.play({ cluster, node, api }) });
      return mine;
    }),
  );
  return results.flat();
}
