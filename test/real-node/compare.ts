/** Whether a verdict and what the node did say the same. */
import { type Exception, exceptions } from './exceptions.ts';
import { expectedOf, type Outcome } from './row.ts';
import type { Result } from './run-table.ts';

export type Agreement =
  /** Told that it runs and it does, or that it does not and it does not. */
  | { readonly kind: 'same' }
  /** `unavailable`: nothing was claimed. */
  | { readonly kind: 'no-claim' }
  | { readonly kind: 'exception'; readonly exception: Exception }
  | { readonly kind: 'unexplained' };

export interface Comparison {
  readonly result: Result;
  readonly outcome: Outcome | 'Undecided';
  readonly agreement: Agreement;
  /** The node did something else than the row says, or ran something else than the pin: null where all is as told. */
  readonly surprise: string | null;
}

export function compare(result: Result): Comparison {
  const { row, node, observed } = result;
  const outcome = observed?.outcome ?? 'Undecided';
  return {
    result,
    outcome,
    agreement: agreementOf(result, outcome, exceptionFor(row.id, node.runtime)),
    surprise: surpriseOf(result, outcome),
  };
}

/** Keyed by the id of a row, a life or a story; null if it concerns no runtime. */
export function exceptionFor(id: string, runtime: Result['node']['runtime'] | null): Exception | undefined {
  return exceptions.find(
    ({ rows, runtimes }) =>
      rows.includes(id) && (runtimes === undefined || (runtime !== null && runtimes.includes(runtime))),
  );
}

function agreementOf(
  { verdict }: Result,
  outcome: Comparison['outcome'],
  exception: Exception | undefined,
): Agreement {
  if (outcome !== 'Undecided') {
    const claim = claimOf(verdict.result);
    if (claim === null && verdict.decision === 'allowed') return { kind: 'no-claim' };
    const runs = outcome === 'Running';
    if (claim === runs && runs === (verdict.decision === 'allowed')) return { kind: 'same' };
  }
  return exception === undefined ? { kind: 'unexplained' } : { kind: 'exception', exception };
}

/** Whether the result says that the image runs; null: it does not say. */
function claimOf(result: string): boolean | null {
  const [name] = result.split(',');
  if (name === 'available') return true;
  return name === 'unavailable' ? null : false;
}

function surpriseOf({ row, node, observed, verdict }: Result, outcome: Comparison['outcome']): string | null {
  const expected = expectedOf(row, node.runtime);
  if (outcome === 'Undecided' || !expected.includes(outcome)) return `expected ${expected.join(' or ')}`;
  if (outcome !== 'Running') {
    const isSaid = row.says === undefined || row.says.test(observed?.message ?? '');
    return isSaid ? null : `expected a message like ${String(row.says)}`;
  }
  const imageId = observed?.imageId ?? '';
  return verdict.pin === '' || imageId.endsWith(`@${verdict.pin}`)
    ? null
    : `pinned ${verdict.pin}, runs ${imageId}`;
}

export function isUnexplained({ agreement, surprise }: Comparison): boolean {
  return agreement.kind === 'unexplained' || surprise !== null;
}

/** Exceptions that no row needs any more, of those whose rows were run. */
export function staleExceptions(comparisons: readonly Comparison[]): readonly Exception[] {
  return exceptions.filter(({ rows, runtimes }) => {
    const mine = comparisons.filter(
      ({ result: { row, node } }) =>
        rows.includes(row.id) && (runtimes ?? [node.runtime]).includes(node.runtime),
    );
    return mine.length > 0 && mine.every(({ agreement }) => agreement.kind !== 'exception');
  });
}
