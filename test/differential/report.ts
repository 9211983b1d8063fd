/** The differential table as text: what was compared, a count per cell, the reasoned differences, and every difference that nobody has explained. */
import { cellName } from './case.ts';
import { differences } from './differences.ts';
import { cells } from './generate.ts';
import type { Observation } from './observation.ts';
import type { Comparison, Results } from './run.ts';

export interface CellCount {
  readonly cell: string;
  readonly cases: number;
  readonly same: number;
  readonly reasoned: number;
  readonly unexplained: number;
}

export function countCells(comparisons: readonly Comparison[]): readonly CellCount[] {
  return cells.map((cell) => {
    const name = cellName(cell);
    const mine = comparisons.filter((each) => cellName(each.case.cell) === name);
    const count = (kind: string) => mine.filter(({ verdict }) => verdict.kind === kind).length;
    return {
      cell: name,
      cases: new Set(mine.map((each) => each.case.id)).size,
      same: count('same'),
      reasoned: count('reasoned'),
      unexplained: count('unexplained'),
    };
  });
}

export function unexplained(comparisons: readonly Comparison[]): readonly Comparison[] {
  return comparisons.filter(({ verdict }) => verdict.kind === 'unexplained');
}

export function report(seed: string, { owners, comparisons }: Results): string {
  const counts = countCells(comparisons).filter(({ cases }) => cases > 0);
  return [
    `Differential tests, seed ${seed}: each case is asked of Pratique and of every owner of its format.`,
    ...owners.map(({ name, format }) => `  ${format.padEnd(16)} ${name}`),
    'Compared: the digest; the sequence of hosts asked for the image by its tag or digest; the path and ns= at each.',
    '',
    row('cell', 'cases', 'same', 'reasoned', 'unexplained'),
    ...counts.map((each) => row(each.cell, each.cases, each.same, each.reasoned, each.unexplained)),
    row(
      'in all',
      sum(counts, 'cases'),
      sum(counts, 'same'),
      sum(counts, 'reasoned'),
      sum(counts, 'unexplained'),
    ),
    '',
    'Reasoned differences:',
    ...reasons(comparisons),
    ...unexplained(comparisons).flatMap((each) => ['', ...details(seed, each)]),
  ].join('\n');
}

function row(cell: string, ...counts: readonly (number | string)[]): string {
  return cell.padEnd(42) + counts.map((count) => String(count).padStart(12)).join('');
}

function sum(counts: readonly CellCount[], member: Exclude<keyof CellCount, 'cell'>): number {
  return counts.reduce((total, each) => total + each[member], 0);
}

function reasons(comparisons: readonly Comparison[]): readonly string[] {
  return differences.flatMap((difference) => {
    const uses = comparisons.filter(
      ({ verdict }) => verdict.kind === 'reasoned' && verdict.difference === difference,
    ).length;
    return [`${String(uses).padStart(5)}  ${difference.owner};`, `       Pratique: ${difference.reason}`];
  });
}

function details(seed: string, each: Comparison): readonly string[] {
  return [
    `UNEXPLAINED: ${each.case.id}, ${each.case.variant.name}: ${each.image}`,
    `  endpoints: ${each.case.endpoints.map(({ name, behaviour }) => `${name} ${behaviour}`).join(', ')}`,
    `  ${each.owner.name}: ${observed(each, each.theirs)}`,
    `  Pratique: ${observed(each, each.ours)}`,
    `  again: npm run differential -- --seed '${seed}' --only '${each.case.id}'`,
  ];
}

function observed(
  { case: { endpoints } }: Comparison,
  { digest, hosts, where, hung, words }: Observation,
): string {
  const holder = endpoints.find(({ image }) => image.root.digest === digest)?.name ?? 'somebody else';
  const got = digest === null ? 'nothing' : `${digest.slice(0, 19)}… of ${holder}`;
  const paths = [...where].map(([server, path]) => `${server} ${path}`).join(', ');
  return `${got}${hung ? ', still waiting' : ''}, by ${hosts.join(', ')} (${paths})\n    ${words}`;
}
