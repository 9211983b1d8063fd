/** The controller's view of one version of the configuration, put together from the parts that admission has, too. */
import type { LivePlacement } from '../../../judge/nodes/placement/live-placement.ts';
import type { Placement } from '../../../judge/nodes/placement/static-placement.ts';
import type { ClusterCredentials } from '../../cluster/lookups/credentials.ts';
import type { NamespaceLabels } from '../../cluster/lookups/namespaces.ts';
import { type LastKnownOptions, lastKnown } from '../../cluster/history/last-known.ts';
import { Semaphore } from '../../../util/async/semaphore.ts';
import type { StoreView } from '../../kubernetes/informer/store.ts';
import type { ControllerContext } from './context.ts';

export interface ClusterInspectingOptions
  extends Pick<ControllerContext, 'version' | 'judge' | 'settings' | 'rest' | 'partsChecker'>,
    LastKnownOptions {
  readonly namespaces: Pick<StoreView<NamespaceLabels>, 'get'>;
  readonly credentials: Pick<ClusterCredentials, 'for'>;
  readonly placement: LivePlacement;
  /** Where a pod can land while the nodes are not known. */
  readonly blind: Placement;
  readonly seesNodes: () => boolean;
}

export function clusterInspecting(options: ClusterInspectingOptions): ControllerContext {
  const { version, judge, settings, rest, partsChecker } = options;
  const { namespaces, credentials, placement, blind, seesNodes } = options;
  return {
    version,
    judge,
    settings,
    rest,
    partsChecker,
    partsTurn: new Semaphore(1),
    labels: (namespace) => namespaces.get(namespace) ?? {},
    reach: (pod) =>
      seesNodes() ? placement(pod) : { eligibleGroups: blind({ pod }), isOnNode: () => false },
    credentials: (names) => credentials.for(names),
    recalled: (asking, reference, now) => lastKnown(options, asking, reference, now),
  };
}
