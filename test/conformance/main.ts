/** `npm run conformance [-- [NAME]… [--vectors DIR]]`: of all vector files, or of those named, a line per file, every failure with wanted and got, exit 1 if any failed. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { runFile, vectorFiles } from './run.ts';
import type { Runner } from './runner.ts';

const { values, positionals } = parseArgs({
  options: { vectors: { type: 'string' } },
  allowPositionals: true,
});
const directory = values.vectors ?? fileURLToPath(new URL('vectors', import.meta.url));
let failed = 0;
const reasons = new Map<string, number>();
const files = vectorFiles(directory);
const unknown = positionals.filter((name) => !files.includes(name));
if (unknown.length > 0) throw new Error(`no vectors named ${unknown.join(', ')} in ${directory}`);
for (const file of positionals.length > 0 ? positionals : files) {
  const module = new URL(`runners/${file}.ts`, import.meta.url);
  const runner: Runner = existsSync(module) ? ((await import(module.href)) as { runner: Runner }).runner : {};
  const report = await runFile(directory, file, runner);
  const excepted = [...report.excepted.values()].reduce((sum, count) => sum + count, 0);
  console.log(
    `${file}: ${report.cases} cases, ${report.passed} passed, ${excepted} excepted, ${report.failures.length} failed`,
  );
  for (const [reason, count] of report.excepted) reasons.set(`${file}: ${reason}`, count);
  for (const failure of report.failures) {
    console.log(
      `  ${failure.id}\n    want ${JSON.stringify(failure.want)}\n    got  ${JSON.stringify(failure.got)}`,
    );
  }
  failed += report.failures.length;
}
console.log('\nExcepted, by rule:');
for (const [reason, count] of reasons) console.log(`  ${String(count).padStart(4)}  ${reason}`);
process.exitCode = failed > 0 ? 1 : 0;
