/** Where all users of an image together may land. Which nodes one of them may land on, the view of the cluster knows. */
import type { EligiblePlatform } from '../../../judge/nodes/fit.ts';
import type { EligibleGroup, NodeGroup } from '../../../judge/nodes/group.ts';
import { type Fields, fields, text } from '../../../util/unstructured.ts';
import { formatAll } from '../../../resolve/platform/format.ts';
import { parsePlatform } from '../../../resolve/platform/parse.ts';
import type { Platform } from '../../../resolve/platform/platform.ts';
import type { PodRecord } from '../../cluster/records/pod-record.ts';
import type { ControllerContext, NodeReach } from './context.ts';

const tolerant = { tolerations: [{ operator: 'Exists' }] };

/** A pod that asks for nothing and tolerates everything: it may land on any node. */
export const anywhere: Fields = { spec: tolerant };

// Different demands of one image's users, beyond any real namespace; more may land anywhere.
const maxDemands = 64;
// Names in one question: selectors of more than a thousand values are taken to ask for nothing.
const maxNames = 500;

/** Bound pods by their node, all others by what they ask for. */
export function reachOf(
  users: readonly PodRecord[],
  inspecting: Pick<ControllerContext, 'reach'>,
): NodeReach {
  const [bound, free] = [new Set<string>(), new Set<Fields>()];
  for (const user of users) {
    const nodeName = nodeOf(user);
    if (nodeName === '') free.add(user.scheduling);
    else bound.add(nodeName);
  }
  if (free.size > maxDemands) return inspecting.reach(anywhere);
  return together([...free, ...onNodes([...bound].sort())].map((pod) => inspecting.reach(pod)));
}

/** Tells who of an image's users may land on a node of one of these platforms, as `formatAll` writes them. */
export function landsOn(
  platforms: readonly string[],
  inspecting: Pick<ControllerContext, 'reach'>,
): (user: PodRecord) => boolean {
  // Thousands of pods are on few nodes, and ask for the same.
  const known = new Map<string | Fields, boolean>();
  return (user) => {
    const place = nodeOf(user) || user.scheduling;
    const before = known.get(place);
    if (before !== undefined) return before;
    const eligible = reachOf([user], inspecting).eligibleGroups.flatMap((landing) => landing.eligible ?? []);
    const may = eligible.some(({ platform }) => platforms.includes(formatAll(platform)));
    known.set(place, may);
    return may;
  };
}

/** '': on none yet. */
function nodeOf({ scheduling }: PodRecord): string {
  return text(fields(scheduling['spec'])['nodeName']);
}

/** Pods that may land on these nodes and nowhere else. */
function onNodes(names: readonly string[]): readonly Fields[] {
  const pods: Fields[] = [];
  for (let at = 0; at < names.length; at += maxNames) {
    const values = names.slice(at, at + maxNames);
    const term = { matchFields: [{ key: 'metadata.name', operator: 'In', values }] };
    const required = { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [term] } };
    pods.push({ spec: { ...tolerant, affinity: { nodeAffinity: required } } });
  }
  return pods;
}

function together(reaches: readonly NodeReach[]): NodeReach {
  const [only] = reaches;
  if (only && reaches.length === 1) return only;
  const byGroup = Map.groupBy(
    reaches.flatMap(({ eligibleGroups }) => eligibleGroups),
    ({ group }) => group,
  );
  return {
    eligibleGroups: [...byGroup].map(([group, eligibleGroups]) => ({
      group,
      eligible: eligibleIn(eligibleGroups),
    })),
    isOnNode: (reference) => reaches.some((reach) => reach.isOnNode(reference)),
  };
}

function eligibleIn(eligibleGroups: readonly EligibleGroup[]): EligibleGroup['eligible'] {
  const distinct = new Map<string, EligiblePlatform>();
  for (const { eligible } of eligibleGroups) {
    if (eligible === null) return null;
    for (const platform of eligible) {
      const key = behaviour(platform);
      const before = distinct.get(key);
      // The same nodes again, mostly: a template may land on all of them, its pods are on some.
      if (!before || countOf(platform) > countOf(before)) distinct.set(key, platform);
    }
  }
  return [...distinct.values()];
}

function countOf({ nodes }: EligiblePlatform): number {
  return nodes?.count ?? 0;
}

/** The same groups, for these platforms instead of those of the nodes. */
export function reachFor(
  platforms: readonly EligiblePlatform[],
  reach: NodeReach,
  rest: NodeGroup,
): NodeReach {
  const groups = reach.eligibleGroups.length === 0 ? [rest] : reach.eligibleGroups.map(({ group }) => group);
  return { eligibleGroups: groups.map((group) => ({ group, eligible: platforms })), isOnNode: () => false };
}

/** Equal while the same images suit: names and numbers of nodes are not in it. */
export function reachKey({ eligibleGroups }: NodeReach): string {
  const parts = eligibleGroups.map(({ group, eligible }) => {
    const platforms = eligible === null ? ['any'] : eligible.map(behaviour).sort();
    return `${group.name ?? ''} ${group.mirrors.id} ${platforms.join(' ')}`;
  });
  return [...new Set(parts)].sort().join('; ');
}

// Where strict and compatible nodes differ.
const probes: readonly Platform[] = [
  'linux/386',
  'linux/amd64',
  'linux/arm/v5',
  'linux/arm/v6',
  'linux/arm/v7',
  'linux/arm/v8',
  'linux/arm64',
].map((specifier) => parsePlatform(specifier));

/** Two that have it in common run the same images. */
function behaviour(eligible: EligiblePlatform): string {
  const { platform, labels } = eligible;
  const accepted = probes.map((probe) => (eligible.accepts(probe, 'auto') ? '1' : '0'));
  return `${formatAll(platform)}|${labels?.os ?? ''}|${labels?.arch ?? ''}|${accepted.join('')}`;
}
