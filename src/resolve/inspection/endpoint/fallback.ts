/** One question to endpoint after endpoint until one answers. Falls through on everything but a cancellation, which leaves no time for more (rule 2). */
import type { Endpoint } from '../../endpoints/endpoint.ts';
import type { EndpointClient, EndpointQuery, QueryFailure, QuerySuccess } from './endpoint-query.ts';
import type { EndpointHealth } from '../health/endpoint-health.ts';

/** The first answer, or why there is none: one refusal per endpoint. */
export async function firstAnswer<T>(
  endpoints: readonly Endpoint[],
  question: EndpointQuery<T>,
  asker: EndpointClient,
  health: EndpointHealth,
): Promise<QuerySuccess<T> | readonly QueryFailure[]> {
  const refusals: QueryFailure[] = [];
  for (const [index, endpoint] of endpoints.entries()) {
    const answer = await asker.query(endpoint, askable(endpoints, index, health), question);
    if (answer.ok) return answer;
    refusals.push(answer);
  }
  return refusals;
}

/** How many can still be asked from `index` on; the one at `index` counts whatever its state. */
export function askable(endpoints: readonly Endpoint[], index: number, health: EndpointHealth): number {
  const later = endpoints.slice(index + 1).filter((each) => each.skip === null && !health.refuses(each));
  return 1 + later.length;
}
