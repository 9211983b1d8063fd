/** Report of `pratique check` in each of its formats. */
import type { CheckFormat } from '../../arguments/arguments.ts';
import type { Output } from '../../io.ts';
import { jsonText } from '../../output/json.ts';
import type { CheckedWorkload } from '../checked-workload.ts';
import type { CheckReport } from './check-report.ts';
import { githubReport } from './github.ts';
import { toJson } from './json.ts';
import { junitReport } from './junit.ts';
import { sarifReport } from './sarif.ts';
import { tableReport } from './table.ts';

/** Formats the report. `quiet` omits workloads that are allowed without a warning. */
export function formatReport(
  format: CheckFormat,
  report: CheckReport,
  quiet: boolean,
  output: Output,
): string {
  const checked = quiet ? report.checked.filter(({ judgement }) => isNotable(judgement)) : report.checked;
  switch (format) {
    case 'table':
      return tableReport({ ...report, checked }, quiet, output);
    case 'json':
      return jsonText(checked.map(toJson));
    case 'junit':
      return junitReport({ ...report, checked });
    case 'sarif':
      return sarifReport({ ...report, checked });
    case 'github':
      return githubReport({ ...report, checked });
    default:
      return format satisfies never;
  }
}

function isNotable({ decision, warnings }: CheckedWorkload['judgement']): boolean {
  return decision !== 'allow' || warnings.length > 0;
}
