/** The nodes of the cluster as they are now; what a change of theirs means is `judge/nodes`'s. */
import type { ClusterNode, ClusterNodes } from '../../judge/nodes/node.ts';
import type { StoreView } from '../kubernetes/informer/store.ts';

/** The store is silent about a node that reports and is as before; so is the version. */
export function liveNodes(store: StoreView<ClusterNode>): ClusterNodes {
  let version = 0;
  store.subscribe(() => {
    version++;
  });
  return {
    get version() {
      return version;
    },
    get: (name) => store.get(name),
    values: () => store.values(),
  };
}
