/** The condition `Drifted`: do pods have something else than what the tag means now? Said only of what is known for certain. */
import { type Digest, shortDigest } from '../../../../resolve/reference/digest.ts';
import { InvalidReference } from '../../../../resolve/reference/error.ts';
import type { RunningStatus } from '../../../api/items.ts';
import type { Draft } from './conditions.ts';
import type { StatusInputs } from '../inputs.ts';
import type { Meaning } from '../running.ts';
import { sentence } from '../text/text.ts';
import { answerOf } from '../credentials.ts';
import type { Use } from '../uses.ts';

const maxNamed = 3;

export function meaningOf({ reference, sets, elsewhere = [] }: StatusInputs): Meaning {
  if (reference instanceof InvalidReference) return { digests: new Set(), hasIndex: false };
  const answers = sets.map((set) => answerOf(set, reference));
  const digests = [...answers.map((answer) => answer?.digest ?? null), ...elsewhere];
  return {
    digests: new Set(digests.filter((digest) => digest !== null)),
    hasIndex: elsewhere.length > 0 || answers.some((answer) => answer?.kind === 'index'),
  };
}

export function driftOf(
  facts: StatusInputs,
  subject: string,
  uses: readonly Use[],
  running: readonly RunningStatus[],
  meaning: Meaning,
): Draft {
  const draft = (status: Draft['status'], reason: string, words: string): Draft => {
    return { type: 'Drifted', status, reason, message: sentence(subject, words) };
  };
  if (!(facts.reference instanceof InvalidReference) && facts.reference.digest !== null) {
    return draft('False', 'ByDigest', 'is named by its digest, which always means the same');
  }
  const pinned = uses.flatMap((use) => (use.pinned === null ? [] : [use.pinned]));
  if (pinned.length === 0 && running.length === 0) return draft('False', 'NotRunning', 'runs in no pod');
  if (meaning.digests.size === 0) {
    return draft('Unknown', 'TagUnresolved', 'cannot be compared with what runs, as it is not available');
  }
  const now = named([...meaning.digests]);
  const earlier = distinct([
    ...pinned.filter((digest) => !meaning.digests.has(digest)),
    ...withRelation(running, 'outdated'),
  ]);
  if (earlier.length > 0) return draft('True', 'TagMoved', `is ${now} now, and pods have ${named(earlier)}`);
  const unknown = withRelation(running, 'unknown');
  if (unknown.length > 0) {
    const words = `is ${now} now, and pods run ${named(unknown)}, which may be a part of it or not`;
    return draft('Unknown', 'IndexMembershipUnknown', words);
  }
  return draft('False', 'UpToDate', `is ${now}, as the pods have it`);
}

function withRelation(
  running: readonly RunningStatus[],
  wanted: RunningStatus['relation'],
): readonly string[] {
  return running.flatMap(({ digest, relation }) => (relation === wanted ? [digest] : []));
}

function distinct(digests: readonly string[]): readonly string[] {
  return [...new Set(digests)].sort();
}

function named(digests: readonly string[]): string {
  const more = digests.length - maxNamed;
  const names = digests.slice(0, maxNamed).map((digest) => shortDigest(digest as Digest));
  return [...names, ...(more > 0 ? [`+${more}`] : [])].join(', ');
}
