/**
 * Summary of the results of all credential sets. The worst one is reported for the object, and each set has
 * its own entry.
 */
import { invalidReference } from '../../../judge/image/assessment.ts';
import { type Result, results } from '../../../judge/results.ts';
import type { Inspection } from '../../../resolve/inspection/inspection.ts';
import { InvalidReference } from '../../../resolve/reference/error.ts';
import { canonical } from '../../../resolve/reference/format.ts';
import { limits } from '../../api/fields.ts';
import type { CredentialsStatus } from '../../api/items.ts';
import type { CredentialSet } from '../../cluster/lookups/credential-sets.ts';
import type { StatusInputs, AssessedSet } from './inputs.ts';
import { sanitize, validReason } from './text/sanitize.ts';

/** Result of the image as a whole. */
export interface ImageSummary {
  readonly result: Result;
  readonly reason: string | null;
  /** Name of the image, and the groups or credentials for which the result holds. */
  readonly subject: string;
  /** Text that continues the sentence after the subject; empty if there is nothing to explain. */
  readonly message: string;
  /** Inspection of the worst set; null if no endpoint was queried. */
  readonly inspection: Inspection | null;
  /** Worst set; null if there are no sets. */
  readonly worst: AssessedSet | null;
  /** Inspection with a digest, from the worst set that has one. */
  readonly known: Inspection | null;
}

export function summarizeSets({ reference, object, sets }: StatusInputs): ImageSummary {
  const ordered = worstFirst(sets);
  const [worst] = ordered;
  const name =
    reference instanceof InvalidReference ? `"${sanitize(object.spec.image)}"` : canonical(reference);
  if (!worst) {
    const { result, reason, message } =
      reference instanceof InvalidReference ? invalidReference(reference) : notInspected;
    return { result, reason, subject: name, message, inspection: null, worst: null, known: null };
  }
  const { result, reason, message, inspection, where } = worst.verdict;
  const isShared = sets.every(({ verdict }) => verdict.result === result);
  const qualifiers = [where, isShared ? '' : describeCredentials(worst.credentials)].filter(
    (part) => part !== '',
  );
  return {
    result,
    reason: validReason(reason),
    subject: qualifiers.length === 0 ? name : `${name} (${qualifiers.join(', ')})`,
    message,
    inspection,
    worst,
    known: ordered.map((set) => inspectionOf(set, reference)).find(hasDigest) ?? null,
  };
}

const notInspected = {
  result: 'not-checked',
  reason: 'NotInspected',
  message: 'is not checked: it was not asked for yet',
} as const;

/**
 * Returns the inspection of exactly this reference, because one of an earlier digest says nothing about the
 * tag.
 */
export function inspectionOf(
  { verdict: { inspection } }: AssessedSet,
  reference: StatusInputs['reference'],
): Inspection | null {
  if (inspection === null || reference instanceof InvalidReference) return null;
  return inspection.reference.digest === reference.digest ? inspection : null;
}

function hasDigest(inspection: Inspection | null): inspection is Inspection {
  return inspection !== null && inspection.digest !== null;
}

export function credentialsStatus({ sets, reference }: StatusInputs): readonly CredentialsStatus[] {
  const distinct = [
    ...new Map(
      worstFirst(sets)
        .toReversed()
        .map((set) => [credentialsKey(set.credentials), set]),
    ).values(),
  ];
  return worstFirst(distinct)
    .slice(0, limits.credentials)
    .map((set) => {
      const { serviceAccount, pullSecrets } = set.credentials;
      const { result } = set.verdict;
      const [reason, digest] = [
        validReason(set.verdict.reason),
        inspectionOf(set, reference)?.digest ?? null,
      ];
      return {
        serviceAccountName: sanitize(serviceAccount, 253),
        imagePullSecrets: pullSecrets.slice(0, limits.secrets).map((name) => sanitize(name, 253)),
        result,
        ...(reason !== null && { reason }),
        ...(digest !== null && { digest }),
      };
    });
}

function worstFirst(sets: readonly AssessedSet[]): readonly AssessedSet[] {
  return sets.toSorted((a, b) => {
    const difference = results.indexOf(b.verdict.result) - results.indexOf(a.verdict.result);
    return difference || (credentialsKey(a.credentials) < credentialsKey(b.credentials) ? -1 : 1);
  });
}

function credentialsKey({ serviceAccount, pullSecrets }: CredentialSet): string {
  return JSON.stringify([serviceAccount, ...pullSecrets]);
}

function describeCredentials({ serviceAccount, pullSecrets }: CredentialSet): string {
  const secrets =
    pullSecrets.length === 0 ? 'no pull secrets' : `pull secrets ${pullSecrets.slice(0, 3).join(', ')}`;
  return sanitize(`service account ${serviceAccount || 'default'}, ${secrets}`, 256);
}
