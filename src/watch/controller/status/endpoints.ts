/** Results by endpoint, and the condition `MirrorsConsistent`: whether all endpoints serve the same digest. */
import type { Attempt, Inspection } from '../../../resolve/inspection/inspection.ts';
import { shortDigest } from '../../../resolve/reference/digest.ts';
import { limits } from '../../api/fields.ts';
import type { EndpointStatus } from '../../api/items.ts';
import type { ConditionDraft } from './conditions/conditions.ts';
import { conditionMessage } from './text/text.ts';
import { sanitize, formatPlatforms, summarize, validReason } from './text/sanitize.ts';

export function endpointStatuses(attempts: readonly Attempt[]): readonly EndpointStatus[] {
  return attempts.slice(0, limits.endpoints).map(endpointStatus);
}

function endpointStatus({ reason, status, digest, platforms, ...attempt }: Attempt): EndpointStatus {
  const [detail, platformSummary] = [validReason(reason), summarize(formatPlatforms(platforms ?? []))];
  return {
    endpoint: sanitize(attempt.endpoint, 512),
    role: attempt.role,
    repository: sanitize(attempt.repository, 512),
    result: attempt.result,
    ...(detail !== null && { reason: detail }),
    ...(status !== null && status >= 0 && status <= 999 && { status }),
    ...(digest !== null && { digest }),
    ...(platformSummary !== '' && { platformSummary }),
    message: sanitize(attempt.message, 512),
  };
}

/** Returns the condition; null if not all endpoints were queried. */
export function mirrorsConsistentCondition(
  subject: string,
  compared: Inspection | null,
): ConditionDraft | null {
  if (compared === null) return null;
  const draft = (status: ConditionDraft['status'], reason: string, words: string): ConditionDraft => {
    return { type: 'MirrorsConsistent', status, reason, message: conditionMessage(subject, words) };
  };
  const serving = compared.attempts.filter(({ result }) => result === 'available');
  const digests = new Set(serving.map(({ digest }) => digest));
  if (digests.size > 1) return draft('False', 'DigestsDiffer', `differs: ${describeDigests(serving)}`);
  const silent = compared.attempts.filter(({ result }) => !isConclusive(result));
  if (serving.length === 0 || silent.length > 0) {
    const endpointNames = silent.map(({ role, endpoint }) => `${role} ${endpoint}`).join(', ');
    const words =
      serving.length === 0 ? 'is served by no endpoint now' : `cannot be compared at ${endpointNames}`;
    return draft('Unknown', 'NotAllAnswered', words);
  }
  return draft(
    'True',
    'SameDigest',
    `is the same at ${serving.length} of ${compared.attempts.length} endpoints`,
  );
}

/**
 * Returns true if a result counts in the comparison. An endpoint that does not have the image, or that nodes
 * do not query either, does not contradict the others.
 */
function isConclusive(result: Attempt['result']): boolean {
  return result === 'available' || result === 'not-found' || result === 'skipped';
}

function describeDigests(serving: readonly Attempt[]): string {
  return serving
    .map(
      ({ role, endpoint, digest }) =>
        `${role} ${endpoint} has ${digest === null ? 'another' : shortDigest(digest)}`,
    )
    .join('; ');
}
