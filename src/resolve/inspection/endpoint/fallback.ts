/** Fallback over endpoints: sends one query to each in order until one answers it. */
import type { Endpoint } from '../../endpoints/endpoint.ts';
import type { EndpointClient, EndpointQuery, QueryFailure, QuerySuccess } from './endpoint-query.ts';

/** Returns the first success, or one failure per endpoint. It stops at a failure after which the nodes give up the pull. */
export async function firstSuccess<T>(
  endpoints: readonly Endpoint[],
  query: EndpointQuery<T>,
  client: EndpointClient,
): Promise<QuerySuccess<T> | readonly QueryFailure[]> {
  const failures: QueryFailure[] = [];
  for (const [index, endpoint] of endpoints.entries()) {
    const result = await client.query(endpoint, client.countFrom(endpoints, index), query);
    if (result.ok) return result;
    failures.push(result);
    if (result.isAbort) break;
  }
  return failures;
}
