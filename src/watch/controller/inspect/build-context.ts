/** Builder of the controller's context for one version of the configuration, from the parts that admission uses as well. */
import type { LivePlacement } from '../../../judge/nodes/placement/live-placement.ts';
import type { Placement } from '../../../judge/nodes/placement/static-placement.ts';
import type { ClusterCredentials } from '../../cluster/lookups/credentials.ts';
import type { NamespaceLabels } from '../../cluster/lookups/namespaces.ts';
import { type LastKnownOptions, lastKnown } from '../../cluster/history/last-known.ts';
import { Semaphore } from '../../../util/async/semaphore.ts';
import type { StoreView } from '../../kubernetes/informer/store.ts';
import type { ControllerContext } from './context.ts';

export interface ControllerContextOptions
  extends Pick<ControllerContext, 'version' | 'judge' | 'settings' | 'defaultGroup' | 'partsChecker'>,
    LastKnownOptions {
  readonly namespaces: Pick<StoreView<NamespaceLabels>, 'get'>;
  readonly credentials: Pick<ClusterCredentials, 'for'>;
  readonly placement: LivePlacement;
  /** Placement that is used while the nodes are unknown. */
  readonly fallbackPlacement: Placement;
  readonly areNodesKnown: () => boolean;
}

export function buildControllerContext(options: ControllerContextOptions): ControllerContext {
  const {
    version,
    judge,
    settings,
    defaultGroup,
    partsChecker,
    namespaces,
    credentials,
    placement,
    fallbackPlacement,
    areNodesKnown,
  } = options;
  return {
    version,
    judge,
    settings,
    defaultGroup,
    partsChecker,
    partsCheckTurn: new Semaphore(1),
    labels: (namespace) => namespaces.get(namespace) ?? {},
    eligibleNodes: (pod) =>
      areNodesKnown()
        ? placement(pod)
        : { eligibleGroups: fallbackPlacement({ pod }), isOnNode: () => false },
    credentials: (names) => credentials.for(names),
    lastKnown: (requester, reference, now) => lastKnown(options, requester, reference, now),
  };
}
