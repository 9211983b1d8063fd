/** Condition `Drifted`: whether pods run an image other than the one the tag names now. `True` only if that is certain. */
import { type Digest, shortDigest } from '../../../../resolve/reference/digest.ts';
import { InvalidReference } from '../../../../resolve/reference/error.ts';
import { listFirst } from '../../../../util/text/text.ts';
import type { RunningStatus } from '../../../api/items.ts';
import type { ConditionDraft } from './conditions.ts';
import type { StatusInputs } from '../inputs.ts';
import type { CurrentDigests } from '../running.ts';
import { conditionMessage } from '../text/text.ts';
import { inspectionOf } from '../credentials.ts';
import type { ContainerUse } from '../uses.ts';

const maxNamed = 3;

export function currentDigestsOf({ reference, sets, otherGroupDigests = [] }: StatusInputs): CurrentDigests {
  if (reference instanceof InvalidReference) return { digests: new Set(), includesIndex: false };
  const inspections = sets.map((set) => inspectionOf(set, reference));
  const digests = [...inspections.map((inspection) => inspection?.digest ?? null), ...otherGroupDigests];
  return {
    digests: new Set(digests.filter((digest) => digest !== null)),
    includesIndex:
      otherGroupDigests.length > 0 || inspections.some((inspection) => inspection?.kind === 'index'),
  };
}

export function driftedCondition(
  inputs: StatusInputs,
  subject: string,
  uses: readonly ContainerUse[],
  running: readonly RunningStatus[],
  current: CurrentDigests,
): ConditionDraft {
  const draft = (status: ConditionDraft['status'], reason: string, text: string): ConditionDraft => {
    return { type: 'Drifted', status, reason, message: conditionMessage(subject, text) };
  };
  if (!(inputs.reference instanceof InvalidReference) && inputs.reference.digest !== null) {
    return draft('False', 'ByDigest', 'is named by its digest, which always means the same');
  }
  const pinned = uses.flatMap((use) => (use.pinned === null ? [] : [use.pinned]));
  if (pinned.length === 0 && running.length === 0) return draft('False', 'NotRunning', 'runs in no pod');
  if (current.digests.size === 0) {
    return draft('Unknown', 'TagUnresolved', 'cannot be compared with what runs, as it is not available');
  }
  const now = formatDigests([...current.digests]);
  const earlier = sortedUnique([
    ...pinned.filter((digest) => !current.digests.has(digest)),
    ...withRelation(running, 'outdated'),
  ]);
  if (earlier.length > 0)
    return draft('True', 'TagMoved', `now resolves to ${now}; pods run ${formatDigests(earlier)}`);
  const unknown = withRelation(running, 'unknown');
  if (unknown.length > 0) {
    const text = `now resolves to ${now}; pods run ${formatDigests(unknown)}, which may or may not be the same image`;
    return draft('Unknown', 'IndexMembershipUnknown', text);
  }
  return draft('False', 'UpToDate', `resolves to ${now}, which the pods run`);
}

function withRelation(
  running: readonly RunningStatus[],
  wanted: RunningStatus['relation'],
): readonly string[] {
  return running.flatMap(({ digest, relation }) => (relation === wanted ? [digest] : []));
}

function sortedUnique(digests: readonly string[]): readonly string[] {
  return [...new Set(digests)].sort();
}

function formatDigests(digests: readonly string[]): string {
  return listFirst(
    digests.map((digest) => shortDigest(digest as Digest)),
    maxNamed,
  );
}
