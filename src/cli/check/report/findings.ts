/**
 * Findings of a check as annotations at lines: one for each image that gets a warning or a denial, each
 * warning, and each unreadable document.
 */
import { clean } from '../../../util/text/text.ts';
import type { CheckedWorkload } from '../checked-workload.ts';
import type { CheckReport } from './check-report.ts';

export interface Finding {
  readonly source: string;
  readonly line: number;
  readonly severity: 'error' | 'warning';
  /** Result of an image, or `unreadable`, or `warning`. */
  readonly rule: string;
  readonly message: string;
}

export function findingsOf({ checked, problems }: CheckReport): readonly Finding[] {
  return [
    ...problems.map(
      ({ source, line, message }): Finding => ({
        source,
        line,
        severity: 'error',
        rule: 'unreadable',
        message: clean(message, 1_000),
      }),
    ),
    ...checked.flatMap(workloadFindings),
  ];
}

/**
 * Returns the findings of a workload. A denial is reported at its images, and at the object if no image
 * caused it.
 */
function workloadFindings(checked: CheckedWorkload): readonly Finding[] {
  const { source, judgement, lineAt } = checked;
  const denied = judgement.images.filter(({ decision }) => decision === 'deny');
  const message = clean(judgement.message, 4_096);
  const denials =
    judgement.decision !== 'deny'
      ? []
      : denied.length === 0
        ? [{ pointer: '', rule: 'denied', message }]
        : denied.map(({ use, result }) => ({
            pointer: use.pointer,
            rule: result,
            message: lineAbout(judgement.message, use.image) ?? message,
          }));
  const name = titleOf(checked);
  return [
    ...denials.map(
      ({ pointer, rule, message: text }): Finding => ({
        source,
        line: lineAt(pointer),
        severity: 'error',
        rule,
        message: `${name}: ${text}`,
      }),
    ),
    ...judgement.warnings.map(
      (warning): Finding => ({
        source,
        line: lineAt(judgement.images.find(({ use }) => warning.includes(use.image))?.use.pointer ?? ''),
        severity: 'warning',
        rule: 'warning',
        message: `${name}: ${clean(warning, 1_000)}`,
      }),
    ),
  ];
}

function lineAbout(message: string, image: string): string | null {
  const line = message.split('\n').find((each) => each.includes(`"${image}"`));
  return line === undefined ? null : clean(line, 4_096);
}

export function titleOf({ workload, namespace }: CheckedWorkload): string {
  return clean(`${workload.kind} ${namespace}/${workload.name}`, 200);
}
