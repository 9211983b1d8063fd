/** Report as workflow commands of GitHub Actions, which annotate the lines of a pull request. */
import { findingsOf } from './findings.ts';
import type { CheckReport } from './check-report.ts';

export function githubReport(report: CheckReport): string {
  return findingsOf(report)
    .map(({ source, line, severity, rule, message }) => {
      const properties = `file=${property(source)},line=${line},title=${property(`pratique: ${rule}`)}`;
      return `::${severity} ${properties}::${data(message)}\n`;
    })
    .join('');
}

/** Escapes text as the runner expects; a line break would start a new command. */
function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
