/** Formatter of plain tables, whose columns are as wide as their cells and separated by two spaces. */
import { clean } from '../../util/text/text.ts';
import type { Output } from '../io.ts';

export type Tone = 'good' | 'bad' | 'doubt' | 'quiet';

export interface Cell {
  readonly text: string;
  readonly tone?: Tone;
}

const codes: Readonly<Record<Tone, number>> = { good: 32, bad: 31, doubt: 33, quiet: 2 };
const maxCellLength = 200;

/** Returns `text` in the colour of `tone` if the output shows colours. */
export function paint(text: string, tone: Tone | undefined, { colour }: Pick<Output, 'colour'>): string {
  return colour && tone ? `\u001b[${codes[tone]}m${text}\u001b[0m` : text;
}

/** Formats rows under a header, ending with a newline. It strips control characters from every cell. */
export function table(
  header: readonly string[],
  rows: readonly (readonly (string | Cell)[])[],
  output: Output,
): string {
  const cells = rows.map((row) => row.map(toCell));
  const head = header.map((text): Cell => ({ text, tone: 'quiet' }));
  const widths = header.map((title, column) =>
    Math.max(title.length, ...cells.map((row) => row[column]?.text.length ?? 0)),
  );
  const line = (row: readonly Cell[]) =>
    row
      .map(({ text, tone }, column) => {
        const padding = column === row.length - 1 ? '' : ' '.repeat((widths[column] ?? 0) - text.length);
        return paint(text, tone, output) + padding;
      })
      .join('  ')
      .trimEnd();
  return `${[head, ...cells].map(line).join('\n')}\n`;
}

/** Returns `text` with every line indented. */
export function indented(text: string): string {
  return text.replace(/^(?=.)/gm, '  ');
}

function toCell(cell: string | Cell): Cell {
  return typeof cell === 'string'
    ? { text: clean(cell, maxCellLength) }
    : { ...cell, text: clean(cell.text, maxCellLength) };
}
