/** Report as SARIF 2.1.0, which code scanning services read. */
import { jsonText } from '../../output/json.ts';
import { findingsOf } from './findings.ts';
import type { CheckReport } from './check-report.ts';

export function sarifReport(report: CheckReport): string {
  const findings = findingsOf(report);
  const rules = [...new Set(findings.map(({ rule }) => rule))].sort();
  return jsonText({
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'pratique', rules: rules.map((id) => ({ id })) } },
        results: findings.map(({ source, line, severity, rule, message }) => ({
          ruleId: rule,
          level: severity,
          message: { text: message },
          locations: [
            {
              physicalLocation: {
                artifactLocation: { uri: uriOf(source) },
                region: { startLine: line },
              },
            },
          ],
        })),
      },
    ],
  });
}

/** Returns a relative reference, because code scanning resolves it against the repository. */
function uriOf(source: string): string {
  return source.replace(/^\.\//, '').split('/').map(encodeURIComponent).join('/');
}
