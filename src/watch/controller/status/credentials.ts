/** The sets of credentials that an image was judged with: the worst counts, and each has its line. */
import { invalidReference } from '../../../judge/image/assessment.ts';
import { type Result, results } from '../../../judge/results.ts';
import type { Inspection } from '../../../resolve/inspection/inspection.ts';
import { InvalidReference } from '../../../resolve/reference/error.ts';
import { canonical } from '../../../resolve/reference/format.ts';
import { limits } from '../../api/fields.ts';
import type { CredentialsStatus } from '../../api/items.ts';
import type { CredentialSet } from '../../cluster/lookups/credential-sets.ts';
import type { StatusInputs, AssessedSet } from './inputs.ts';
import { shown, word } from './text/sanitize.ts';

/** What is said of the image as a whole. */
export interface Outcome {
  readonly result: Result;
  readonly reason: string | null;
  /** The image, and for whom the result holds. */
  readonly subject: string;
  /** Goes on after the subject; '' where there is nothing to explain. */
  readonly message: string;
  /** Of the worst set; null when nobody was asked. */
  readonly inspection: Inspection | null;
  /** The worst set itself; null without any. */
  readonly judged: AssessedSet | null;
  /** The answer that knows the image: of the worst set that was given one. */
  readonly seen: Inspection | null;
}

export function outcomeOf({ reference, object, sets }: StatusInputs): Outcome {
  const ordered = worstFirst(sets);
  const [judged] = ordered;
  const name = reference instanceof InvalidReference ? `"${shown(object.spec.image)}"` : canonical(reference);
  if (!judged) {
    const { result, reason, message } =
      reference instanceof InvalidReference ? invalidReference(reference) : notAsked;
    return { result, reason, subject: name, message, inspection: null, judged: null, seen: null };
  }
  const { result, reason, message, inspection, where } = judged.verdict;
  const isShared = sets.every(({ verdict }) => verdict.result === result);
  const whom = [where, isShared ? '' : credentialWords(judged.credentials)].filter((part) => part !== '');
  return {
    result,
    reason: word(reason),
    subject: whom.length === 0 ? name : `${name} (${whom.join(', ')})`,
    message,
    inspection,
    judged,
    seen: ordered.map((set) => answerOf(set, reference)).find(isSeen) ?? null,
  };
}

const notAsked = {
  result: 'not-checked',
  reason: 'NotInspected',
  message: 'is not checked: it was not asked for yet',
} as const;

/** What it was told of this very reference: an answer to an earlier digest says nothing of the tag. */
export function answerOf(
  { verdict: { inspection } }: AssessedSet,
  reference: StatusInputs['reference'],
): Inspection | null {
  if (inspection === null || reference instanceof InvalidReference) return null;
  return inspection.reference.digest === reference.digest ? inspection : null;
}

function isSeen(inspection: Inspection | null): inspection is Inspection {
  return inspection !== null && inspection.digest !== null;
}

export function credentialsOf({ sets, reference }: StatusInputs): readonly CredentialsStatus[] {
  const distinct = [
    ...new Map(
      worstFirst(sets)
        .toReversed()
        .map((set) => [keyOf(set.credentials), set]),
    ).values(),
  ];
  return worstFirst(distinct)
    .slice(0, limits.credentials)
    .map((set) => {
      const { serviceAccount, pullSecrets } = set.credentials;
      const { result } = set.verdict;
      const [reason, digest] = [word(set.verdict.reason), answerOf(set, reference)?.digest ?? null];
      return {
        serviceAccountName: shown(serviceAccount, 253),
        imagePullSecrets: pullSecrets.slice(0, limits.secrets).map((name) => shown(name, 253)),
        result,
        ...(reason !== null && { reason }),
        ...(digest !== null && { digest }),
      };
    });
}

function worstFirst(sets: readonly AssessedSet[]): readonly AssessedSet[] {
  return sets.toSorted((a, b) => {
    const worse = results.indexOf(b.verdict.result) - results.indexOf(a.verdict.result);
    return worse || (keyOf(a.credentials) < keyOf(b.credentials) ? -1 : 1);
  });
}

function keyOf({ serviceAccount, pullSecrets }: CredentialSet): string {
  return JSON.stringify([serviceAccount, ...pullSecrets]);
}

function credentialWords({ serviceAccount, pullSecrets }: CredentialSet): string {
  const secrets =
    pullSecrets.length === 0 ? 'no pull secrets' : `pull secrets ${pullSecrets.slice(0, 3).join(', ')}`;
  return shown(`service account ${serviceAccount || 'default'}, ${secrets}`, 256);
}
