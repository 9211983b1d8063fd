/** Digests that the pods run, with their relation to the image that the tag names now. */
import type { Digest } from '../../../resolve/reference/digest.ts';
import { limits } from '../../api/fields.ts';
import type { RunningStatus, DigestRelation } from '../../api/items.ts';
import type { Status } from '../../api/schema.ts';
import type { ContentRelation } from './inputs.ts';
import type { ContainerUse } from './uses.ts';

/** Image that the tag names now. */
export interface CurrentDigests {
  /** Digests for all credential sets and node groups; empty if unknown. */
  readonly digests: ReadonlySet<Digest>;
  readonly relations: ReadonlyMap<Digest, ContentRelation>;
}

interface DigestGroup {
  readonly digest: Digest;
  readonly pods: Set<string>;
  readonly relation: DigestRelation;
}

/** Returns the digests, those with the most pods first. */
export function runningDigests(
  uses: readonly ContainerUse[],
  current: CurrentDigests,
  before: Status | null,
): readonly RunningStatus[] {
  const groups = new Map<Digest, DigestGroup>();
  for (const { pod, running } of uses) {
    if (running === null || running === 'unknown') continue;
    const group = groups.get(running);
    groups.set(running, {
      digest: running,
      pods: (group?.pods ?? new Set()).add(pod.uid),
      relation: digestRelation(running, current, before),
    });
  }
  return limitGroups([...groups.values()], before);
}

/**
 * Compares a digest with the image that the tag names now. It is `outdated` only if its content certainly
 * differs.
 */
export function digestRelation(
  digest: Digest,
  { digests, relations }: CurrentDigests,
  before: Status | null,
): DigestRelation {
  if (digests.has(digest)) return 'current';
  const relation = relations.get(digest) ?? 'unknown';
  switch (relation) {
    case 'same':
      return 'current';
    case 'different':
      return 'outdated';
    case 'unknown':
      return isStillOutdated(digest, digests, before) ? 'outdated' : 'unknown';
    default:
      return relation satisfies never;
  }
}

/** Returns true if the digest was outdated before, and the tag is unknown now or has not moved since. */
function isStillOutdated(digest: Digest, current: ReadonlySet<Digest>, before: Status | null): boolean {
  if (!before || !(current.size === 0 || [...current].some((each) => each === before.digest))) return false;
  return before.running.some((each) => each.digest === digest && each.relation === 'outdated');
}

/** Limits the list. Entries listed before take precedence, so that counts alone do not change it. */
function limitGroups(groups: readonly DigestGroup[], before: Status | null): readonly RunningStatus[] {
  const listed = new Set(before?.running.map(({ digest }) => digest));
  const byCount = (a: DigestGroup, b: DigestGroup): number =>
    b.pods.size - a.pods.size || (a.digest < b.digest ? -1 : 1);
  return groups
    .toSorted((a, b) => Number(listed.has(b.digest)) - Number(listed.has(a.digest)) || byCount(a, b))
    .slice(0, limits.running)
    .sort(byCount)
    .map(({ digest, pods, relation }) => ({ digest, pods: pods.size, relation }));
}
