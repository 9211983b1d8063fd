/** What happens to a pod after it was let in, told as a short story on one node: what was to come, and what came. */
import type { Api } from '../../integration/cluster/support/api.ts';
import type { RealCluster } from '../../kit/node/real-cluster.ts';
import type { RealNode } from '../../kit/node/real-node.ts';

export interface Stage {
  readonly cluster: RealCluster;
  readonly node: RealNode;
  readonly api: Api;
}

export interface Life {
  readonly id: string;
  readonly title: string;
  readonly expected: string;
  /** What came, in the words of `expected`. */
  readonly play: (stage: Stage) => Promise<string>;
}

export interface LifeResult {
  readonly life: Life;
  readonly node: RealNode;
  readonly seen: string;
}

export function sameAsExpected({ life, seen }: LifeResult): boolean {
  return seen === life.expected;
}
