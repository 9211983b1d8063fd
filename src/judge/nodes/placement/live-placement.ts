/**
 * Eligible nodes of a pod in a live cluster, computed once for all pods with equal constraints until the
 * nodes change.
 */
import { LRUCache } from 'lru-cache';
import { normalise } from '../../../resolve/platform/normalise.ts';
import type { Platform } from '../../../resolve/platform/platform.ts';
import type { Reference } from '../../../resolve/reference/reference.ts';
import { type Fields, fields, text } from '../../../util/unstructured.ts';
import type { EligibleGroup, NodeGroup } from '../group.ts';
import type { ClusterNode, ClusterNodes, RuntimeClass, Taint } from '../node.ts';
import { boundTo, type Eligibility, eligibility } from '../scheduling/eligible.ts';
import { archLabel, betaLabels, osLabel, requiredTerms } from '../scheduling/scheduling-constraints.ts';
import { nodeHasImage } from './image-locality.ts';
import { classifyNodes, type GroupFor } from './node-class.ts';
import { createNodeIndex } from './node-index.ts';
import { nodeRevisions } from './node-revisions.ts';

/** Entry of `platforms.additional`: nodes that an autoscaler can add to the cluster. */
export interface AdditionalNode {
  readonly platform: Platform;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
}

export interface LivePlacementOptions {
  readonly nodes: ClusterNodes;
  /** Groups in the order in which they are matched; the last one has the nodes in no other group. */
  readonly groups: readonly NodeGroup[];
  /** Must return the same group for runtimes that read the mirror configuration in the same way. */
  readonly groupFor?: GroupFor;
  readonly additional: readonly AdditionalNode[];
  readonly runtimeClass: (name: string) => RuntimeClass | undefined;
  readonly ignoreRuntimeClasses: readonly string[];
}

export interface PodPlacement {
  /** Eligible nodes by group; empty if no node is eligible. */
  readonly eligibleGroups: readonly EligibleGroup[];
  /** Returns true if one of these nodes has the image. */
  readonly isOnNode: (reference: Reference) => boolean;
}

/**
 * Returns the placement of a pod or pod template. `exists` is true if the pod is stored already, perhaps on a
 * node.
 */
export type LivePlacement = (pod: Fields, exists?: boolean) => PodPlacement;

interface CachedPlacement {
  readonly placement: PodPlacement;
  readonly runtimeClass: RuntimeClass | undefined;
}

// Limit of cached placements: pods of one workload have equal constraints, and most workloads have none.
const maxPlacements = 512;
/** Limit of a pod's constraints, in characters; longer ones are not cached. */
const maxKey = 4_096;

export function createLivePlacement(options: LivePlacementOptions): LivePlacement {
  const { nodes, groups, groupFor = unchanged } = options;
  const index = createNodeIndex(
    nodes,
    options.additional.map(additionalNode),
    classifyNodes(groups, groupFor),
  );
  const ignoredClasses = new Set(options.ignoreRuntimeClasses);
  const revisions = nodeRevisions(nodes);
  const cache = new LRUCache<string, CachedPlacement>({ max: maxPlacements });
  let cachedRevision = -1;

  const place = (eligible: Eligibility, platformsMatter: boolean): PodPlacement => {
    const eligibleGroups = index.eligibleGroups(eligible);
    return {
      eligibleGroups: platformsMatter ? eligibleGroups : eligibleGroups.map(withAnyPlatform),
      isOnNode: nodeHasImage(nodes, eligible, () => revisions().images),
    };
  };

  return (pod, exists = false) => {
    const spec = fields(pod['spec']);
    const className = text(spec['runtimeClassName']);
    const runtimeClass = className === '' ? undefined : options.runtimeClass(className);
    const revision = revisions().scheduling;
    if (revision !== cachedRevision) {
      index.refresh();
      cache.clear();
      cachedRevision = revision;
    }
    const key = constraintsKey(spec, className);
    const before = key === null ? undefined : cache.get(key);
    if (before && before.runtimeClass === runtimeClass) return before.placement;
    const nodeName = text(spec['nodeName']);
    const eligible = exists && nodeName !== '' ? boundTo(nodeName) : eligibility(spec, runtimeClass);
    const placement = place(eligible, !ignoredClasses.has(className));
    // Placements of pods that name their node are not cached, because hardly any other pod shares them.
    if (key !== null && !eligible.names) cache.set(key, { placement, runtimeClass });
    return placement;
  };
}

function unchanged(group: NodeGroup): NodeGroup {
  return group;
}

function withAnyPlatform({ group }: EligibleGroup): EligibleGroup {
  return { group, eligible: null };
}

/** The runtime of such a node is unknown; a new node usually has a new containerd. */
function additionalNode({ platform, labels, taints }: AdditionalNode): ClusterNode {
  const normal = normalise(platform);
  const own: Record<string, string> = { [osLabel]: normal.os, [archLabel]: normal.architecture };
  const beta = Object.entries(betaLabels).map(([key, successor]) => [key, own[successor] ?? '']);
  const common = { name: '', taints, platform: normal, images: [], runtime: 'containerd://' };
  return { ...common, labels: { ...Object.fromEntries(beta), ...own, ...labels } };
}

/** Returns all constraints of a pod as a text. Returns null if the text is long or the pod names its node. */
function constraintsKey(spec: Fields, className: string): string | null {
  if (text(spec['nodeName']) !== '') return null;
  const { nodeSelector, tolerations } = spec;
  const os = fields(spec['os'])['name'];
  const key = JSON.stringify([nodeSelector, requiredTerms(spec), tolerations, os, className]);
  return key.length > maxKey ? null : key;
}
