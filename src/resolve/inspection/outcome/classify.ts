/** Classifier that combines the results of all endpoints into one result for the image. It is pure. */
import type { Attempt, InspectionResult } from '../inspection.ts';

/** Result of an image that no endpoint served. */
export interface FailedResult {
  readonly result: Exclude<InspectionResult, 'available'>;
  /** `NoEndpoint`, `Blocked`, `NodeLocalOnly`, `NodeCredentials`, `NodesRefuse`, `Timeout`; null if none applies. */
  readonly reason: string | null;
}

/** Result if every runtime of the nodes gives up the pull, whatever later endpoints have. */
export const refusedByNodes: FailedResult = { result: 'unavailable', reason: 'NodesRefuse' };

type EndpointOutcome = Pick<Attempt, 'result' | 'reason'> & { readonly mayServe?: true };

/**
 * Returns the result. `not-found` requires a credible 404 from every endpoint that counts; `denied` requires a refusal and no
 * unknown result. Everything else is `unavailable`, because an endpoint that was not queried or that failed may have the
 * image.
 */
export function failedResult(outcomes: readonly EndpointOutcome[]): FailedResult {
  const counted = outcomes.filter((outcome) => !isOutOfCount(outcome));
  if (counted.length === 0) return nothingToQuery(outcomes);
  const unknown = counted.filter(({ result }) => result !== 'not-found' && result !== 'denied');
  if (unknown.length > 0) {
    const isOnlyIdentity = unknown.every(({ reason }) => reason === 'NodeCredentials');
    return { result: 'unavailable', reason: isOnlyIdentity ? 'NodeCredentials' : null };
  }
  const isDenied = counted.some(({ result }) => result === 'denied');
  return { result: isDenied ? 'denied' : 'not-found', reason: null };
}

/** Returns true for an endpoint that the nodes skip too, or that Pratique cannot see as the node does. */
function isOutOfCount({ result, reason, mayServe }: EndpointOutcome): boolean {
  if (result !== 'skipped' || mayServe) return false;
  return reason === 'Capability' || reason === 'Blocked' || reason === 'NodeLocal';
}

function nothingToQuery(outcomes: readonly EndpointOutcome[]): FailedResult {
  const has = (wanted: string): boolean => outcomes.some(({ reason }) => reason === wanted);
  if (has('NodeLocal')) return { result: 'unavailable', reason: 'NodeLocalOnly' };
  return { result: 'not-found', reason: has('Blocked') ? 'Blocked' : 'NoEndpoint' };
}
