/** Report as JUnit XML, with a test case for each object and for each document that could not be read. */
import { clean } from '../../../util/text/text.ts';
import type { CheckedWorkload } from '../checked-workload.ts';
import type { ManifestNote } from '../manifests.ts';
import { titleOf } from './findings.ts';
import type { CheckReport } from './check-report.ts';

export function junitReport({ checked, problems }: CheckReport): string {
  const denied = checked.filter(({ judgement }) => judgement.decision === 'deny').length;
  const skipped = checked.filter(({ isSkipped }) => isSkipped).length;
  const counts = `tests="${checked.length + problems.length}" failures="${denied}" errors="${problems.length}" skipped="${skipped}"`;
  const cases = [...problems.map(problemCase), ...checked.map(workloadCase)];
  return `<?xml version="1.0" encoding="UTF-8"?>
<testsuites ${counts}>
  <testsuite name="pratique check" ${counts}>
${cases.join('')}  </testsuite>
</testsuites>
`;
}

function problemCase({ source, line, message }: ManifestNote): string {
  const body = `<error message="${escape(message)}"/>`;
  return testCase(`line ${line}`, source, line, body);
}

function workloadCase(checked: CheckedWorkload): string {
  const { source, judgement, isSkipped, lineAt } = checked;
  const name = titleOf(checked);
  const warnings = judgement.warnings.map((warning) => `warning: ${clean(warning, 1_000)}\n`).join('');
  const output = warnings === '' ? '' : `<system-out>${escape(warnings)}</system-out>`;
  if (isSkipped) return testCase(name, source, lineAt(''), `<skipped/>${output}`);
  if (judgement.decision !== 'deny') return testCase(name, source, lineAt(''), output);
  const message = judgement.message.split('\n').map((line) => clean(line, 4_096));
  const failure = `<failure message="${escape(message[0] ?? '')}">${escape(message.join('\n'))}</failure>`;
  return testCase(name, source, lineAt(''), failure + output);
}

function testCase(name: string, source: string, line: number, body: string): string {
  const attributes = `name="${escape(name)}" classname="${escape(source)}" file="${escape(source)}" line="${line}"`;
  return body === '' ? `    <testcase ${attributes}/>\n` : `    <testcase ${attributes}>${body}</testcase>\n`;
}

/**
 * Escapes text for XML. XML 1.0 cannot express most control characters and unpaired surrogates, so they are
 * replaced.
 */
function escape(text: string): string {
  return text
    .toWellFormed()
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
