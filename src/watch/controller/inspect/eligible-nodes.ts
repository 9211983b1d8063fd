/** Union of the nodes that the users of an image can be scheduled on. */
import type { EligiblePlatform } from '../../../judge/nodes/fit.ts';
import type { EligibleGroup, NodeGroup } from '../../../judge/nodes/group.ts';
import { type Fields, fields, text } from '../../../util/unstructured.ts';
import { formatAll } from '../../../resolve/platform/format.ts';
import { parsePlatform } from '../../../resolve/platform/parse.ts';
import type { Platform } from '../../../resolve/platform/platform.ts';
import type { PodRecord } from '../../cluster/records/pod-record.ts';
import type { ControllerContext, EligibleNodes } from './context.ts';

const tolerateAll = { tolerations: [{ operator: 'Exists' }] };

/** Pod without constraints and tolerations, which stands for the pods that may use an image without users. */
export const plainPod: Fields = { spec: {} };

/** Pod without constraints that tolerates all taints, so that it can be scheduled on any node. */
const anyNode: Fields = { spec: tolerateAll };

// Limit of different scheduling constraints of one image's users, beyond any real namespace. Above it all
// nodes count.
const maxConstraints = 64;
// Limit of node names in one selector: the judge ignores selectors of more than a thousand values.
const maxNames = 500;

/** Returns the nodes of bound pods, and the eligible nodes of all others. */
export function eligibleNodesOf(
  users: readonly PodRecord[],
  context: Pick<ControllerContext, 'eligibleNodes'>,
): EligibleNodes {
  const [bound, unbound] = [new Set<string>(), new Set<Fields>()];
  for (const user of users) {
    const nodeName = nodeNameOf(user);
    if (nodeName === '') unbound.add(user.scheduling);
    else bound.add(nodeName);
  }
  if (unbound.size > maxConstraints) return context.eligibleNodes(anyNode);
  return mergeEligibleNodes(
    [...unbound, ...podsOnNodes([...bound].sort())].map((pod) => context.eligibleNodes(pod)),
  );
}

/** Returns a predicate for users that can be scheduled on a node of one of these platforms, as `formatAll` writes them. */
export function runsOnPlatforms(
  platforms: readonly string[],
  context: Pick<ControllerContext, 'eligibleNodes'>,
): (user: PodRecord) => boolean {
  // Results are cached, because thousands of pods share few nodes and constraints.
  const known = new Map<string | Fields, boolean>();
  return (user) => {
    const place = nodeNameOf(user) || user.scheduling;
    const before = known.get(place);
    if (before !== undefined) return before;
    const eligible = eligibleNodesOf([user], context).eligibleGroups.flatMap((group) => group.eligible ?? []);
    const may = eligible.some(({ platform }) => platforms.includes(formatAll(platform)));
    known.set(place, may);
    return may;
  };
}

/** Returns the node that a pod is bound to; '' if it is not bound. */
function nodeNameOf({ scheduling }: PodRecord): string {
  return text(fields(scheduling['spec'])['nodeName']);
}

/** Returns pods that can be scheduled on exactly these nodes. */
function podsOnNodes(names: readonly string[]): readonly Fields[] {
  const pods: Fields[] = [];
  for (let at = 0; at < names.length; at += maxNames) {
    const values = names.slice(at, at + maxNames);
    const term = { matchFields: [{ key: 'metadata.name', operator: 'In', values }] };
    const required = { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [term] } };
    pods.push({ spec: { ...tolerateAll, affinity: { nodeAffinity: required } } });
  }
  return pods;
}

function mergeEligibleNodes(parts: readonly EligibleNodes[]): EligibleNodes {
  const [only] = parts;
  if (only && parts.length === 1) return only;
  const byGroup = Map.groupBy(
    parts.flatMap(({ eligibleGroups }) => eligibleGroups),
    ({ group }) => group,
  );
  return {
    eligibleGroups: [...byGroup].map(([group, eligibleGroups]) => ({
      group,
      eligible: mergePlatforms(eligibleGroups),
    })),
    isOnNode: (reference) => parts.some((nodes) => nodes.isOnNode(reference)),
  };
}

function mergePlatforms(eligibleGroups: readonly EligibleGroup[]): EligibleGroup['eligible'] {
  const distinct = new Map<string, EligiblePlatform>();
  for (const { eligible } of eligibleGroups) {
    if (eligible === null) return null;
    for (const platform of eligible) {
      const key = compatibilityKey(platform);
      const before = distinct.get(key);
      // The same nodes often occur again: a template may use all of them, and its pods use some.
      if (!before || nodeCount(platform) > nodeCount(before)) distinct.set(key, platform);
    }
  }
  return [...distinct.values()];
}

function nodeCount({ nodes }: EligiblePlatform): number {
  return nodes?.count ?? 0;
}

/** Returns the same groups with these platforms instead of those of the nodes. */
export function withRequiredPlatforms(
  platforms: readonly EligiblePlatform[],
  nodes: EligibleNodes,
  defaultGroup: NodeGroup,
): EligibleNodes {
  const groups =
    nodes.eligibleGroups.length === 0 ? [defaultGroup] : nodes.eligibleGroups.map(({ group }) => group);
  return { eligibleGroups: groups.map((group) => ({ group, eligible: platforms })), isOnNode: () => false };
}

/**
 * Returns equal keys for nodes that suit the same images. Names and numbers of nodes are not part of the key.
 */
export function eligibleNodesKey({ eligibleGroups }: EligibleNodes): string {
  const parts = eligibleGroups.map(({ group, eligible }) => {
    const platforms = eligible === null ? ['any'] : eligible.map(compatibilityKey).sort();
    return `${group.name ?? ''} ${group.mirrors.id} ${platforms.join(' ')}`;
  });
  return [...new Set(parts)].sort().join('; ');
}

// Platforms for which strict and compatible matching differ.
const probes: readonly Platform[] = [
  'linux/386',
  'linux/amd64',
  'linux/arm/v5',
  'linux/arm/v6',
  'linux/arm/v7',
  'linux/arm/v8',
  'linux/arm64',
].map((specifier) => parsePlatform(specifier));

/** Returns equal keys for platforms that run the same images. */
function compatibilityKey(eligible: EligiblePlatform): string {
  const { platform, labels } = eligible;
  const accepted = probes.map((probe) => (eligible.accepts(probe, 'auto') ? '1' : '0'));
  return `${formatAll(platform)}|${labels?.os ?? ''}|${labels?.arch ?? ''}|${accepted.join('')}`;
}
