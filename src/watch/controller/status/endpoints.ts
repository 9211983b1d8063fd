/** What every endpoint said, a line each, and the condition `MirrorsConsistent`: do those that serve the image serve the same? */
import type { Attempt, Inspection } from '../../../resolve/inspection/inspection.ts';
import { shortDigest } from '../../../resolve/reference/digest.ts';
import { limits } from '../../api/fields.ts';
import type { EndpointStatus } from '../../api/items.ts';
import type { Draft } from './conditions/conditions.ts';
import { sentence } from './text/text.ts';
import { shown, specifiers, summary, word } from './text/sanitize.ts';

export function endpointsOf(attempts: readonly Attempt[]): readonly EndpointStatus[] {
  return attempts.slice(0, limits.endpoints).map(lineOf);
}

function lineOf({ reason, status, digest, platforms, ...attempt }: Attempt): EndpointStatus {
  const [detail, platformSummary] = [word(reason), summary(specifiers(platforms ?? []))];
  return {
    endpoint: shown(attempt.endpoint, 512),
    role: attempt.role,
    repository: shown(attempt.repository, 512),
    result: attempt.result,
    ...(detail !== null && { reason: detail }),
    ...(status !== null && status >= 0 && status <= 999 && { status }),
    ...(digest !== null && { digest }),
    ...(platformSummary !== '' && { platformSummary }),
    message: shown(attempt.message, 512),
  };
}

/** null: nobody asked all of them. */
export function consistencyOf(subject: string, compared: Inspection | null): Draft | null {
  if (compared === null) return null;
  const draft = (status: Draft['status'], reason: string, words: string): Draft => {
    return { type: 'MirrorsConsistent', status, reason, message: sentence(subject, words) };
  };
  const serving = compared.attempts.filter(({ result }) => result === 'available');
  const digests = new Set(serving.map(({ digest }) => digest));
  if (digests.size > 1) return draft('False', 'DigestsDiffer', `differs: ${eachWords(serving)}`);
  const silent = compared.attempts.filter(({ result }) => !isTelling(result));
  if (serving.length === 0 || silent.length > 0) {
    const who = silent.map(({ role, endpoint }) => `${role} ${endpoint}`).join(', ');
    const words = serving.length === 0 ? 'is served by no endpoint now' : `cannot be compared at ${who}`;
    return draft('Unknown', 'NotAllAnswered', words);
  }
  return draft(
    'True',
    'SameDigest',
    `is the same at ${serving.length} of ${compared.attempts.length} endpoints`,
  );
}

/** An endpoint without the image, or one that nodes do not ask either, contradicts nobody. */
function isTelling(result: Attempt['result']): boolean {
  return result === 'available' || result === 'not-found' || result === 'skipped';
}

function eachWords(serving: readonly Attempt[]): string {
  return serving
    .map(
      ({ role, endpoint, digest }) =>
        `${role} ${endpoint} has ${digest === null ? 'another' : shortDigest(digest)}`,
    )
    .join('; ');
}
