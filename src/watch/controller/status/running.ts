/** Digests that the pods run, with their relation to what the tag names now. */
import type { Digest } from '../../../resolve/reference/digest.ts';
import { limits } from '../../api/fields.ts';
import type { RunningStatus, DigestRelation } from '../../api/items.ts';
import type { Status } from '../../api/schema.ts';
import type { ContainerUse } from './uses.ts';

/** What the tag names now. */
export interface CurrentDigests {
  /** For all credential sets and node groups; empty if unknown. */
  readonly digests: ReadonlySet<Digest>;
  /** True if one of them is an index, of which a runtime may report one manifest. */
  readonly includesIndex: boolean;
}

interface DigestGroup {
  readonly digest: Digest;
  readonly pods: Set<string>;
  relation: DigestRelation;
}

/** Returns the digests with the most pods first. */
export function runningDigests(
  uses: readonly ContainerUse[],
  current: CurrentDigests,
  before: Status | null,
): readonly RunningStatus[] {
  const groups = new Map<Digest, DigestGroup>();
  for (const { pod, pinned, running } of uses) {
    if (running === null) continue;
    const relation = digestRelation(running, pinned, current, before);
    const group = groups.get(running);
    groups.set(running, {
      digest: running,
      pods: (group?.pods ?? new Set()).add(pod.uid),
      relation: group ? moreCertain(group.relation, relation) : relation,
    });
  }
  return limitGroups([...groups.values()], before);
}

/** Compares a running digest with what the tag names now. */
function digestRelation(
  running: Digest,
  pinned: Digest | null,
  current: CurrentDigests,
  before: Status | null,
): DigestRelation {
  if (current.digests.size === 0) return wasOutdated(running, before) ? 'outdated' : 'unknown';
  if (current.digests.has(running)) return 'current';
  // A pinned container runs its pin, even if the runtime reports another digest of it.
  if (pinned !== null) return current.digests.has(pinned) ? 'current' : 'outdated';
  // A single manifest has no other digests.
  if (!current.includesIndex) return 'outdated';
  return wasTopLevel(running, before) ? 'outdated' : 'unknown';
}

/** Returns whether the tag named this digest before. A manifest that was alone then may now be part of an index. */
function wasTopLevel(running: Digest, before: Status | null): boolean {
  if (!before || before.manifestKind !== 'index') return false;
  return before.digest === running || wasOutdated(running, before);
}

function wasOutdated(running: Digest, before: Status | null): boolean {
  return (
    before?.running.some(({ digest, relation }) => digest === running && relation === 'outdated') ?? false
  );
}

/** Returns the more certain relation of two containers with the same digest. */
function moreCertain(a: DigestRelation, b: DigestRelation): DigestRelation {
  if (a === 'current' || b === 'current') return 'current';
  return a === 'outdated' || b === 'outdated' ? 'outdated' : 'unknown';
}

/** Limits the list; entries listed before have precedence, so that counts alone do not change it. */
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
