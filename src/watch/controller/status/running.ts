/** What the pods run, and how each digest stands to what the tag means now. The words for it are `drift.ts`'s. */
import type { Digest } from '../../../resolve/reference/digest.ts';
import { limits } from '../../api/fields.ts';
import type { RunningStatus, DigestRelation } from '../../api/items.ts';
import type { Status } from '../../api/schema.ts';
import type { Use } from './uses.ts';

/** What the tag means at present. */
export interface Meaning {
  /** Of every set of credentials and group of nodes; empty: it is not known. */
  readonly digests: ReadonlySet<Digest>;
  /** One of them is an index, of which a runtime may report a part. */
  readonly hasIndex: boolean;
}

interface Group {
  readonly digest: Digest;
  readonly pods: Set<string>;
  relation: DigestRelation;
}

/** Most pods first. */
export function runningOf(
  uses: readonly Use[],
  meaning: Meaning,
  before: Status | null,
): readonly RunningStatus[] {
  const groups = new Map<Digest, Group>();
  for (const { pod, pinned, running } of uses) {
    if (running === null) continue;
    const relation = relationOf(running, pinned, meaning, before);
    const group = groups.get(running);
    groups.set(running, {
      digest: running,
      pods: (group?.pods ?? new Set()).add(pod.uid),
      relation: group ? moreCertain(group.relation, relation) : relation,
    });
  }
  return bounded([...groups.values()], before);
}

/** Whether a digest that a container runs is what the tag means now. */
function relationOf(
  running: Digest,
  pinned: Digest | null,
  meaning: Meaning,
  before: Status | null,
): DigestRelation {
  if (meaning.digests.size === 0) return earlierBefore(running, before) ? 'outdated' : 'unknown';
  if (meaning.digests.has(running)) return 'current';
  // A pinned container runs what it is pinned to, even where its runtime reports only a part of it.
  if (pinned !== null) return meaning.digests.has(pinned) ? 'current' : 'outdated';
  // A single manifest has no parts.
  if (!meaning.hasIndex) return 'outdated';
  return wasWhole(running, before) ? 'outdated' : 'unknown';
}

/** Was it what the tag meant before, and no part of anything? A manifest that was alone then may have become a part of an index. */
function wasWhole(running: Digest, before: Status | null): boolean {
  if (!before || before.manifestKind !== 'index') return false;
  return before.digest === running || earlierBefore(running, before);
}

function earlierBefore(running: Digest, before: Status | null): boolean {
  return (
    before?.running.some(({ digest, relation }) => digest === running && relation === 'outdated') ?? false
  );
}

/** Of two containers that run the same, the one of which more is known tells. */
function moreCertain(a: DigestRelation, b: DigestRelation): DigestRelation {
  if (a === 'current' || b === 'current') return 'current';
  return a === 'outdated' || b === 'outdated' ? 'outdated' : 'unknown';
}

/** Those that were listed before stay, so that the list does not change with every count. */
function bounded(groups: readonly Group[], before: Status | null): readonly RunningStatus[] {
  const listed = new Set(before?.running.map(({ digest }) => digest));
  const byCount = (a: Group, b: Group): number => b.pods.size - a.pods.size || (a.digest < b.digest ? -1 : 1);
  return groups
    .toSorted((a, b) => Number(listed.has(b.digest)) - Number(listed.has(a.digest)) || byCount(a, b))
    .slice(0, limits.running)
    .sort(byCount)
    .map(({ digest, pods, relation }) => ({ digest, pods: pods.size, relation }));
}
