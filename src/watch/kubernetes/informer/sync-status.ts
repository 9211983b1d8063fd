/** Which of several kinds of objects were not listed yet, and why, in words for readiness. */
import { clean } from '../../../util/text/text.ts';
import type { KubernetesError } from '../api.ts';

export interface Listing {
  readonly isSynced: boolean;
  /** Of the last attempt; null: it succeeded, or is under way. */
  readonly failure: KubernetesError | null;
}

/** null: all were. */
export function missingOf(listings: readonly (readonly [what: string, Listing])[]): string | null {
  const open = listings.filter(([, { isSynced }]) => !isSynced);
  if (open.length === 0) return null;
  const names = open.map(([what]) => what).join(', ');
  const failures = open.flatMap(([, { failure }]) => failure ?? []);
  // What is forbidden is told of each; an API server that cannot be reached, once.
  const distinct = new Map(failures.map((each) => [isForbidden(each) ? each.message : each.code, each]));
  const why = [...distinct.values()].map(({ message }) => clean(message, 512)).join('; ');
  const advice = failures.some(isForbidden)
    ? "; the chart's ClusterRole has the rights that are missing"
    : '';
  return `not listed yet: ${names}${why === '' ? '' : ` (${why})`}${advice}`;
}

function isForbidden({ code }: KubernetesError): boolean {
  return code === 'Forbidden';
}
