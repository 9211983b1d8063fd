/** The controller's view of one version of the configuration, put together from the parts that admission has, too. */
import type { ClusterPlacement } from '../../../judge/nodes/placement/live-placement.ts';
import type { Placement } from '../../../judge/nodes/placement/static-placement.ts';
import type { ClusterCredentials } from '../../cluster/lookups/credentials.ts';
import type { Labels } from '../../cluster/lookups/namespaces.ts';
import { type RecallOptions, recalled } from '../../cluster/history/last-known.ts';
import type { StoreView } from '../../kubernetes/informer/store.ts';
import type { Inspecting } from './context.ts';

export interface ClusterInspectingOptions
  extends Pick<Inspecting, 'version' | 'judge' | 'settings' | 'rest'>,
    RecallOptions {
  readonly namespaces: Pick<StoreView<Labels>, 'get'>;
  readonly credentials: Pick<ClusterCredentials, 'of'>;
  readonly placement: ClusterPlacement;
  /** Where a pod can land while the nodes are not known. */
  readonly blind: Placement;
  readonly seesNodes: () => boolean;
}

export function clusterInspecting(options: ClusterInspectingOptions): Inspecting {
  const { version, judge, settings, rest, namespaces, credentials, placement, blind, seesNodes } = options;
  return {
    version,
    judge,
    settings,
    rest,
    labels: (namespace) => namespaces.get(namespace) ?? {},
    reach: (pod) => (seesNodes() ? placement(pod) : { landings: blind({ pod }), present: () => false }),
    credentials: (names) => credentials.of(names),
    recalled: (asking, reference, now) => recalled(options, asking, reference, now),
  };
}
