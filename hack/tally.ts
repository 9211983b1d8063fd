/** Sums jest's JSON reports into one closing line; a skipped test is a failure, because nothing may pass by not running. */
import { existsSync, readFileSync } from 'node:fs';

interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly numRuntimeErrorTestSuites: number;
  readonly testResults: readonly { readonly name: string; readonly status: string }[];
}

const read = (file: string) => JSON.parse(readFileSync(file, 'utf8')) as Report;

/** Failed, skipped, or not even loaded. */
function wanting(report: Report): number {
  const { numFailedTests, numPendingTests, numTodoTests, numRuntimeErrorTestSuites } = report;
  return numFailedTests + numPendingTests + numTodoTests + numRuntimeErrorTestSuites;
}

/** The report of `file` with that of its second try, where there was one (`unit-again.json`). */
function tally(file: string): { passed: number; failed: number; again: number } {
  const first = read(file);
  const second = file.replace(/\.json$/, '-again.json');
  const failed = wanting(existsSync(second) ? read(second) : first);
  const again = Math.max(0, wanting(first) - failed);
  return { passed: first.numPassedTests + again, failed, again };
}

const [mode = '', ...files] = process.argv.slice(2);
if (mode === '--failed-files') {
  const failing = files.flatMap((file) => read(file).testResults.filter(({ status }) => status === 'failed'));
  console.log(failing.map(({ name }) => name).join('\n'));
} else {
  const tallies = [mode, ...files].map(tally);
  const sum = (key: 'passed' | 'failed' | 'again') => tallies.reduce((total, each) => total + each[key], 0);
  if (sum('again') > 0) console.log(`\n${sum('again')} of them only when run once more`);
  console.log(`\n${sum('passed')} passed, ${sum('failed')} failed`);
  process.exitCode = sum('failed') > 0 || sum('passed') === 0 ? 1 : 0;
}
