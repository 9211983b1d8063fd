/** The table as text. */
import type { Comparison } from './compare.ts';
import type { Stopwatch } from './stopwatch.ts';

export function report(comparisons: readonly Comparison[], { laps }: Stopwatch): string {
  return [
    ...comparisons.map(line),
    '',
    ...laps.map(({ stage, ms }) => `${(ms / 1000).toFixed(1).padStart(7)} s  ${stage}`),
  ].join('\n');
}

function line({ result, outcome, agreement, surprise }: Comparison): string {
  const { row, node, verdict, observed } = result;
  return [
    row.id.padEnd(24),
    node.runtime.padEnd(4),
    `${verdict.decision} ${verdict.result}`.padEnd(36),
    outcome.padEnd(20),
    agreement.kind.padEnd(12),
    surprise ?? '',
    `\n      ${verdict.message.slice(0, 200)}\n      ${observed?.message.slice(0, 300) ?? ''}`,
  ].join(' ');
}
