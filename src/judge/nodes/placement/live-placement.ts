/** On which nodes of the cluster a pod can land. Without a cluster that is `placement.ts`'s. */
import { normalise } from '../../../resolve/platform/normalise.ts';
import type { Platform } from '../../../resolve/platform/platform.ts';
import type { Reference } from '../../../resolve/reference/reference.ts';
import { type Fields, fields, text } from '../../../util/unstructured.ts';
import { classifyNodes, type GroupFor } from '../index/node-class.ts';
import { archLabel, osLabel, requiredTerms } from '../scheduling/scheduling-constraints.ts';
import { boundTo, type Eligibility, eligibility } from '../scheduling/eligible.ts';
import { nodeRevisions } from '../index/node-revisions.ts';
import { collectEligibleGroups } from '../index/eligible-groups.ts';
import type { EligibleGroup, NodeGroup } from '../group.ts';
import { memo } from './memo.ts';
import type { ClusterNode, ClusterNodes, RuntimeClass, Taint } from '../node.ts';
import { nodeHasImage } from '../index/image-locality.ts';
import { createNodeIndex } from '../index/node-index.ts';

/** `platforms.additional` of the configuration: a node that the cluster can scale up to. */
export interface AdditionalNode {
  readonly platform: Platform;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
}

export interface LivePlacementOptions {
  readonly nodes: ClusterNodes;
  /** In the order in which they are matched, at last the nodes of no group. */
  readonly groups: readonly NodeGroup[];
  /** Must give the same group for runtimes that read the mirror configuration alike. */
  readonly groupFor?: GroupFor;
  readonly additional: readonly AdditionalNode[];
  readonly runtimeClass: (name: string) => RuntimeClass | undefined;
  readonly ignoreRuntimeClasses: readonly string[];
}

export interface PodPlacement {
  /** Empty: no node suits the pod. */
  readonly eligibleGroups: readonly EligibleGroup[];
  /** Does one of these nodes hold the image? */
  readonly isOnNode: (reference: Reference) => boolean;
}

/** `pod`: a pod or template as it came. `exists`: it is there already, perhaps on a node. */
export type LivePlacement = (pod: Fields, exists?: boolean) => PodPlacement;

// Pods of one workload ask alike, and most workloads ask for nothing.
const maxPlacements = 512;
/** Characters of what a pod asks: what is longer is worked out each time. */
const maxKey = 4_096;

/** Works out again only what the nodes have changed. */
export function createLivePlacement(options: LivePlacementOptions): LivePlacement {
  const { nodes, groups, groupFor = itself, runtimeClass } = options;
  const stands = createNodeIndex(nodes, options.additional.map(nodeToCome), classifyNodes(groups, groupFor));
  const ignored = new Set(options.ignoreRuntimeClasses);
  const epochs = nodeRevisions(nodes);
  const known = memo<{ readonly placement: PodPlacement; readonly of: RuntimeClass | undefined }>(
    maxPlacements,
  );
  let layout = -1;

  const placed = (eligible: Eligibility, platformsCount: boolean): PodPlacement => {
    const eligibleGroups = collectEligibleGroups(stands.countEligible(eligible));
    return {
      eligibleGroups: platformsCount ? eligibleGroups : eligibleGroups.map(ofAnyPlatform),
      isOnNode: nodeHasImage(nodes, eligible, () => epochs().images),
    };
  };

  return (pod, exists = false) => {
    const spec = fields(pod['spec']);
    const className = text(spec['runtimeClassName']);
    const of = className === '' ? undefined : runtimeClass(className);
    const now = epochs().scheduling;
    if (now !== layout) {
      stands.refresh();
      known.clear();
      layout = now;
    }
    const key = keyOf(spec, className);
    const before = key === null ? undefined : known.get(key);
    if (before && before.of === of) return before.placement;
    const nodeName = text(spec['nodeName']);
    const eligible = exists && nodeName !== '' ? boundTo(nodeName) : eligibility(spec, of);
    const placement = placed(eligible, !ignored.has(className));
    // Of a pod that names its node there is no other.
    if (key !== null && !eligible.names) known.set(key, { placement, of });
    return placement;
  };
}

function itself(group: NodeGroup): NodeGroup {
  return group;
}

function ofAnyPlatform({ group }: EligibleGroup): EligibleGroup {
  return { group, eligible: null };
}

/** As its containerd is not known, it is taken to be a new one. */
function nodeToCome({ platform, labels, taints }: AdditionalNode): ClusterNode {
  const normal = normalise(platform);
  const own = { [osLabel]: normal.os, [archLabel]: normal.architecture };
  const known = { name: '', taints, platform: normal, images: [], runtime: 'containerd://' };
  return { ...known, labels: { ...own, ...labels } };
}

/** All that a pod asks of its node; null where that is long, or one node by its name. */
function keyOf(spec: Fields, className: string): string | null {
  if (text(spec['nodeName']) !== '') return null;
  const { nodeSelector, tolerations } = spec;
  const os = fields(spec['os'])['name'];
  const key = JSON.stringify([nodeSelector, requiredTerms(spec), tolerations, os, className]);
  return key.length > maxKey ? null : key;
}
