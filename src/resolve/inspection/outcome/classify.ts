/** From what every endpoint said to one result for the image (rule 4). Pure; the words are `message.ts`'s. */
import type { Attempt, InspectionResult } from '../inspection.ts';

export type Overall = Pick<Inspected, 'result' | 'reason'>;

interface Inspected {
  readonly result: Exclude<InspectionResult, 'available'>;
  /** `NoEndpoint`, `Blocked`, `NodeLocalOnly`, `NodeCredentials`, or null. */
  readonly reason: string | null;
}

type Answer = Pick<Attempt, 'result' | 'reason'>;

/** The class of an image that no endpoint served: *unknown* is never reported as *no*. */
export function overall(answers: readonly Answer[]): Overall {
  const counted = answers.filter((answer) => !isOutOfCount(answer));
  if (counted.length === 0) return nothingToAsk(answers);
  const unknown = counted.filter(({ result }) => result !== 'not-found' && result !== 'denied');
  if (unknown.length > 0) {
    const onlyIdentity = unknown.every(({ reason }) => reason === 'NodeCredentials');
    return { result: 'unavailable', reason: onlyIdentity ? 'NodeCredentials' : null };
  }
  const denied = counted.some(({ result }) => result === 'denied');
  return { result: denied ? 'denied' : 'not-found', reason: null };
}

/** Skipped for certain: nodes will not ask it either, or it cannot be seen from here. Other skips are unknowns. */
function isOutOfCount({ result, reason }: Answer): boolean {
  return result === 'skipped' && (reason === 'Capability' || reason === 'Blocked' || reason === 'NodeLocal');
}

function nothingToAsk(answers: readonly Answer[]): Overall {
  const has = (wanted: string): boolean => answers.some(({ reason }) => reason === wanted);
  if (has('NodeLocal')) return { result: 'unavailable', reason: 'NodeLocalOnly' };
  return { result: 'not-found', reason: has('Blocked') ? 'Blocked' : 'NoEndpoint' };
}
