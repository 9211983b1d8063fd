/** One question to endpoint after endpoint until one answers. Falls through on everything but a cancellation, which leaves no time for more (rule 2). */
import type { Endpoint } from '../../endpoints/endpoint.ts';
import type { Asker, Question, Refused, Served } from './endpoint-query.ts';
import type { EndpointHealth } from '../health/endpoint-health.ts';

/** The first answer, or why there is none: one refusal per endpoint. */
export async function firstAnswer<T>(
  endpoints: readonly Endpoint[],
  question: Question<T>,
  asker: Asker,
  health: EndpointHealth,
): Promise<Served<T> | readonly Refused[]> {
  const refusals: Refused[] = [];
  for (const [index, endpoint] of endpoints.entries()) {
    const answer = await asker.ask(endpoint, askable(endpoints, index, health), question);
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
