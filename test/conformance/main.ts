/** `npm run conformance [-- [NAMES] [--vectors DIR]]`: a line per file, every failure with wanted and got, exit 1 if any failed. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { runFile, runnerNameOf, vectorFiles } from './run.ts';
import type { OpenRunner, Runner } from './runner.ts';

const { values, positionals } = parseArgs({
  options: { vectors: { type: 'string' } },
  allowPositionals: true,
});
const directory = values.vectors ?? fileURLToPath(new URL('vectors', import.meta.url));
const hasRunner = (name: string): boolean => existsSync(new URL(`runners/${name}.ts`, import.meta.url));
const files = vectorFiles(directory)
  .map((file) => ({ file, name: runnerNameOf(file, hasRunner) }))
  .filter(
    ({ file, name }) => positionals.length === 0 || [file, name].some((each) => positionals.includes(each)),
  );
const unknown = positionals.filter(
  (wanted) => !files.some(({ file, name }) => file === wanted || name === wanted),
);
let failed = unknown.length;
for (const name of unknown) console.log(`${name}: no such file of vectors in ${directory}`);
const reasons = new Map<string, number>();
for (const { file, name } of files) {
  await using opened = await openRunner(name);
  const report = await runFile(directory, file, opened.runner, name);
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

/** A runner is a table of checks, or opened where it needs servers. */
async function openRunner(name: string): Promise<OpenRunner> {
  const nothing = { [Symbol.asyncDispose]: () => Promise.resolve() };
  if (!hasRunner(name)) return { runner: {}, ...nothing };
  const module = (await import(new URL(`runners/${name}.ts`, import.meta.url).href)) as {
    readonly runner?: Runner;
    readonly open?: (directory: string) => Promise<OpenRunner>;
  };
  return (await module.open?.(directory)) ?? { runner: module.runner ?? {}, ...nothing };
}
