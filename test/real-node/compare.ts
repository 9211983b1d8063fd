/** Whether a verdict and what the node did say the same. */
import { exceptions, type Exception } from './exceptions.ts';
import { expectedOf, type Outcome } from './row.ts';
import type { Result } from './run-table.ts';

export type Agreement =
  /** Allowed and it runs, denied and it does not. */
  | { readonly kind: 'same' }
  /** `unavailable`, `not-checked`: nothing was claimed. */
  | { readonly kind: 'no-claim' }
  | { readonly kind: 'exception'; readonly exception: Exception }
  | { readonly kind: 'unexplained' };

export interface Comparison {
  readonly result: Result;
  readonly outcome: Outcome | 'Undecided';
  readonly agreement: Agreement;
  /** The node did something else than the row expects: the fixture or the node is not what it is taken for. */
  readonly surprise: string | null;
}

const unclaimed = ['unavailable', 'not-checked'];

export function compare(result: Result): Comparison {
  const { row, node, observed } = result;
  const outcome = observed?.outcome ?? 'Undecided';
  const expected = expectedOf(row, node.runtime);
  const isSaid = row.says === undefined || expected === 'Running' || row.says.test(observed?.message ?? '');
  return {
    result,
    outcome,
    agreement: agreementOf(result, outcome),
    surprise:
      outcome !== expected
        ? `expected ${expected}`
        : isSaid
          ? null
          : `expected a message like ${String(row.says)}`,
  };
}

function agreementOf({ row, node, verdict }: Result, outcome: Comparison['outcome']): Agreement {
  if (unclaimed.some((result) => verdict.result.startsWith(result))) return { kind: 'no-claim' };
  const runs = outcome === 'Running';
  if (outcome !== 'Undecided' && runs === (verdict.decision === 'allowed')) return { kind: 'same' };
  const exception = exceptions.find(
    ({ rows, runtimes }) => rows.includes(row.id) && (runtimes ?? [node.runtime]).includes(node.runtime),
  );
  return exception === undefined ? { kind: 'unexplained' } : { kind: 'exception', exception };
}

export function isUnexplained({ agreement, surprise }: Comparison): boolean {
  return agreement.kind === 'unexplained' || surprise !== null;
}
