/** Report for people: each object with its images, and a summary. */
import { skipLabel } from '../../../judge/policy/opt-out.ts';
import type { Decision, ImageVerdict } from '../../../judge/results.ts';
import { clean, cleanQuoted } from '../../../util/text/text.ts';
import type { Output } from '../../io.ts';
import { type Cell, indented, paint, table, type Tone } from '../../output/table.ts';
import type { CheckedWorkload } from '../checked-workload.ts';
import type { CheckReport } from './check-report.ts';

const decisions: Readonly<Record<Decision, { readonly text: string; readonly tone: Tone }>> = {
  allow: { text: 'allowed', tone: 'good' },
  warn: { text: 'allowed with a warning', tone: 'doubt' },
  deny: { text: 'denied', tone: 'bad' },
};

export function tableReport({ checked, problems }: CheckReport, quiet: boolean, output: Output): string {
  const parts = checked.map((each) => formatWorkload(each, output));
  const isEmpty = checked.length === 0 && problems.length === 0;
  if (!quiet && !isEmpty) parts.push(`${formatSummary(checked, problems.length)}\n`);
  return parts.join('\n');
}

function formatSummary(checked: readonly CheckedWorkload[], unreadable: number): string {
  const count = (decision: Decision) =>
    checked.filter(({ judgement }) => judgement.decision === decision).length;
  const parts = (['deny', 'warn', 'allow'] as const)
    .map((decision) => ({ number: count(decision), text: decisions[decision].text }))
    .filter(({ number }) => number > 0)
    .map(({ number, text }) => `${number} ${text}`);
  const objects = `${checked.length} object${checked.length === 1 ? '' : 's'} checked`;
  const summary = [objects, parts.join(', ')].filter((part) => part !== '').join(': ');
  return unreadable === 0 ? summary : `${summary}; ${unreadable} could not be read`;
}

function formatWorkload(checked: CheckedWorkload, output: Output): string {
  const { source, workload, namespace, isSkipped, judgement, lineAt } = checked;
  const { text, tone } = decisions[judgement.decision];
  const name = clean(`${workload.kind} ${namespace}/${workload.name}`, 200);
  const head = `${name}  ${paint(text, tone, output)}  (${clean(source, 200)}:${lineAt('')})\n`;
  const rows = judgement.images.map(toRow);
  const images = rows.length > 0 ? table(['CONTAINER', 'IMAGE', 'RESULT', 'PINNED TO'], rows, output) : '';
  // The message of a denial has a line for each image.
  const denial = judgement.message === '' ? [] : judgement.message.split('\n');
  const warnings = judgement.warnings.map(
    (warning) => `${paint('warning', 'doubt', output)} ${clean(warning, 400)}`,
  );
  const skipped = isSkipped ? [`not checked: excluded by the label ${skipLabel}`] : [];
  const lines = [...skipped, ...denial.map((line) => cleanQuoted(line, 4096)), ...warnings];
  return head + indented(images + lines.map((line) => `${line}\n`).join(''));
}

function toRow({ use, result, reason, decision, pinned }: ImageVerdict): (string | Cell)[] {
  return [
    use.container,
    use.image,
    { text: reason === null ? result : `${result} (${reason})`, tone: decisions[decision].tone },
    pinned === use.image ? '-' : pinned.slice(pinned.lastIndexOf('@') + 1),
  ];
}
