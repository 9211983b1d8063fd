/** Decides whether Pratique did with a case what the owner did, or what a reasoned difference says it does instead. */
import type { Case } from './case.ts';
import { type Difference, differences } from './differences.ts';
import { agree, type Observation } from './observation.ts';
import type { Owner } from './owners/owner.ts';

export type Verdict =
  | { readonly kind: 'same' }
  | { readonly kind: 'reasoned'; readonly difference: Difference }
  | { readonly kind: 'unexplained' };

export function compare(each: Case, theirs: Observation, owner: Owner, ours: Observation): Verdict {
  if (agree(theirs, ours)) return { kind: 'same' };
  const difference = differences.find(
    ({ when, instead }) =>
      when({ each, theirs, program: owner.program }) && agree({ ...theirs, ...instead(each, theirs) }, ours),
  );
  return difference ? { kind: 'reasoned', difference } : { kind: 'unexplained' };
}
