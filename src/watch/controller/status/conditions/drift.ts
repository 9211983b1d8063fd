/**
 * Condition `Drifted`, which says whether pods run an image other than the one that the tag names now. It is
 * `True` only if that is certain.
 */
import { type Digest, shortDigest } from '../../../../resolve/reference/digest.ts';
import { InvalidReference } from '../../../../resolve/reference/error.ts';
import { listFirst } from '../../../../util/text/text.ts';
import type { DigestRelation } from '../../../api/items.ts';
import type { ConditionDraft } from './conditions.ts';
import type { StatusInputs } from '../inputs.ts';
import { type CurrentDigests, digestRelation } from '../running.ts';
import { conditionMessage } from '../text/text.ts';
import { inspectionOf } from '../credentials.ts';
import type { ContainerUse } from '../uses.ts';

const maxNamed = 3;

export function currentDigestsOf({
  reference,
  sets,
  otherGroupDigests = [],
  contentRelations = new Map(),
}: StatusInputs): CurrentDigests {
  if (reference instanceof InvalidReference) return { digests: new Set(), relations: new Map() };
  const ownDigests = sets.map((set) => inspectionOf(set, reference)?.digest ?? null);
  const digests = [...ownDigests, ...otherGroupDigests].filter((digest) => digest !== null);
  return { digests: new Set(digests), relations: contentRelations };
}

export function driftedCondition(
  { reference, object }: StatusInputs,
  subject: string,
  uses: readonly ContainerUse[],
  current: CurrentDigests,
): ConditionDraft {
  const draft = (status: ConditionDraft['status'], reason: string, text: string): ConditionDraft => {
    return { type: 'Drifted', status, reason, message: conditionMessage(subject, text) };
  };
  if (!(reference instanceof InvalidReference) && reference.digest !== null) {
    return draft('False', 'ByDigest', 'is named by its digest, which always means the same');
  }
  // A pin counts even before the container has started.
  const used = uses.flatMap(({ pinned, running }) => pinned ?? running ?? []);
  if (used.length === 0) return draft('False', 'NotRunning', 'runs in no pod');
  if (current.digests.size === 0) {
    return draft('Unknown', 'TagUnresolved', 'cannot be compared with what runs, as it is not available');
  }
  const now = formatDigests([...current.digests]);
  const digests = used.filter((each): each is Digest => each !== 'unknown');
  const related = (wanted: DigestRelation) =>
    digests.filter((digest) => digestRelation(digest, current, object.status) === wanted);
  const outdated = related('outdated');
  if (outdated.length > 0) {
    return draft('True', 'TagMoved', `now resolves to ${now}; pods run ${formatDigests(outdated)}`);
  }
  const unknown = related('unknown');
  if (unknown.length > 0) {
    const text = `now resolves to ${now}; pods run ${formatDigests(unknown)}, which may or may not be the same image`;
    return draft('Unknown', 'ContentUnknown', text);
  }
  if (digests.length < used.length) {
    const text = `now resolves to ${now}; the container runtime does not report what some pods run`;
    return draft('Unknown', 'DigestNotReported', text);
  }
  return draft('False', 'UpToDate', `resolves to ${now}, which the pods run`);
}

function formatDigests(digests: readonly Digest[]): string {
  const distinct = [...new Set(digests)].sort();
  return listFirst(
    distinct.map((digest) => shortDigest(digest)),
    maxNamed,
  );
}
