/** The table as text: a line for each row and runtime, the reasons of the differences, the counts, and every difference that nobody has explained. */
import { type Comparison, isUnexplained, staleExceptions } from './compare.ts';
import { exceptions } from './exceptions.ts';

/** Versions of the runtimes, as the nodes report them. */
export type Versions = Readonly<Record<string, string>>;

export function report(comparisons: readonly Comparison[], versions: Versions): string {
  const stale = staleExceptions(comparisons);
  return [
    'Verdict against what the node did. A row in the column "as" is: = the same; ? nothing was claimed (unavailable);',
    'reasoned or defect: a difference, with its reason below; !! a difference without an explanation.',
    ...Object.entries(versions).map(([node, version]) => `  ${node}: ${version}`),
    '  linux/arm64: its images are tried on these nodes of linux/amd64, and a Node object without a kubelet stands for its',
    '  nodes. It is not emulated: binfmt_misc would be registered for the whole machine.',
    '',
    line('image or pod', 'node', 'verdict', 'what the node did', 'as'),
    ...rowsOf(comparisons).flatMap(linesOf),
    '',
    ...countsOf(comparisons),
    '',
    ...reasonsOf(comparisons),
    ...stale.map(
      ({ rows, reason }) =>
        `TO BE REMOVED from exceptions.ts, no row differs so: ${rows.join(', ')}: ${reason}`,
    ),
    ...comparisons.filter(isUnexplained).map(unexplained),
  ].join('\n');
}

function line(...[row = '', node = '', verdict = '', outcome = '', as = '']: readonly string[]): string {
  return `${row.padEnd(88)} ${node.padEnd(9)} ${verdict.padEnd(26)} ${outcome.padEnd(27)} ${as}`.trimEnd();
}

function rowsOf(comparisons: readonly Comparison[]): readonly (readonly Comparison[])[] {
  return [...Map.groupBy(comparisons, ({ result }) => result.row.id).values()];
}

/** One line where all nodes did the same. */
function linesOf(mine: readonly Comparison[]): readonly string[] {
  const kinds = [...Map.groupBy(mine, (each) => [verdictOf(each), each.outcome, asOf(each)].join()).values()];
  return kinds.map((alike, at) => {
    const [first] = alike;
    if (first === undefined) return '';
    const { row } = first.result;
    const nodes = kinds.length === 1 ? 'all' : alike.map(({ result }) => result.node.name).join(', ');
    const title = at === 0 ? `${row.title} (${row.id})` : '';
    const said = first.result.observed?.message ?? '';
    const words = said === '' ? [] : [`    ${shortened(said)}`];
    return [line(title, nodes, verdictOf(first), first.outcome, asOf(first)), ...words].join('\n');
  });
}

function verdictOf({ result: { verdict } }: Comparison): string {
  return verdict.result;
}

function asOf({ agreement, surprise }: Comparison): string {
  if (surprise !== null) return '!!';
  switch (agreement.kind) {
    case 'same':
      return '=';
    case 'no-claim':
      return '?';
    case 'exception':
      return labelOf(agreement.exception);
    case 'unexplained':
      return '!!';
    default:
      return agreement satisfies never;
  }
}

/** `reasoned 1`, `defect 2`: numbered in the order of the list. */
function labelOf(exception: (typeof exceptions)[number]): string {
  return `${exception.kind} ${exceptions.indexOf(exception) + 1}`;
}

const maxWords = 150;

/** The kubelet's words without what stands in front of every error of a pull. */
function shortened(message: string): string {
  const words = message
    .replace(/\s+/g, ' ')
    .replace(/^Back-off pulling image "[^"]*": ErrImagePull: /, '')
    .replace(/^(rpc error: code = \w+ desc = )?(failed to pull and unpack image "[^"]*": )?/, '')
    .replace(/failed to resolve (reference "[^"]*"|image): /, '')
    .replace(/[0-9a-f]{64}/g, (digits) => `${digits.slice(0, 12)}…`);
  return words.length > maxWords ? `${words.slice(0, maxWords - 1)}…` : words;
}

function countsOf(comparisons: readonly Comparison[]): readonly string[] {
  const count = (kind: string) => comparisons.filter(({ agreement }) => agreement.kind === kind).length;
  const defects = comparisons.filter(
    ({ agreement }) => agreement.kind === 'exception' && agreement.exception.kind === 'defect',
  ).length;
  const failing = rowsOf(comparisons).filter((mine) =>
    mine.some(({ outcome }) => outcome !== 'Running'),
  ).length;
  return [
    `${rowsOf(comparisons).length} images and pods, ${failing} of which a node does not run; ${comparisons.length} pods on all nodes:`,
    `${count('same')} the same, ${count('no-claim')} without a claim, ${count('exception') - defects} reasoned, ${defects} defects, ${comparisons.filter(isUnexplained).length} unexplained.`,
  ];
}

function reasonsOf(comparisons: readonly Comparison[]): readonly string[] {
  return exceptions.flatMap((exception) => {
    const uses = comparisons.filter(
      ({ agreement }) => agreement.kind === 'exception' && agreement.exception === exception,
    ).length;
    return uses === 0 ? [] : [`${labelOf(exception).padEnd(12)} ${exception.reason}`];
  });
}

function unexplained({ result, outcome, surprise }: Comparison): string {
  const { row, node, image, verdict, observed } = result;
  return [
    '',
    `UNEXPLAINED: ${row.title}, ${image} on ${node.name}${surprise === null ? '' : `: ${surprise}`}`,
    `  verdict: ${verdict.decision}, ${verdict.result}: ${verdict.message}`,
    `  node: ${outcome}: ${observed?.message ?? 'nothing was decided in time'} ${observed?.imageId ?? ''}; pin ${verdict.pin}`,
    `  again: npm run real-node -- --only ${row.id}`,
  ].join('\n');
}
