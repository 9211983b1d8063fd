/** Runs vector files: every case is passed, excepted by a reasoned rule, or failed. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { exceptions } from './exceptions.ts';
import type { Case, Check, Outcome, Runner } from './runner.ts';

export interface FileReport {
  readonly file: string;
  readonly cases: number;
  readonly passed: number;
  readonly excepted: ReadonlyMap<string, number>;
  readonly failures: readonly { readonly id: string; readonly want: unknown; readonly got: unknown }[];
}

/** Names of the vector files in `directory`, without `.json`; what cases refer to is in `…-fixtures.json`. */
export function vectorFiles(directory: string): string[] {
  return readdirSync(directory)
    .filter((name) => name.endsWith('.json') && !name.endsWith('-fixtures.json'))
    .map((name) => name.slice(0, -'.json'.length))
    .sort();
}

/** The runner of a file: that of its name, or of its beginning: `engine-api-more` is run as `engine-api`. */
export function runnerNameOf(file: string, hasRunner: (name: string) => boolean): string {
  for (let name = file; name !== ''; name = name.replace(/(?:^|[-.])[^-.]*$/, '')) {
    if (hasRunner(name)) return name;
  }
  return file;
}

/** Runs one vector file; `name` is its runner's. A kind without a check fails: nothing passes by not being looked at. */
export async function runFile(
  directory: string,
  file: string,
  runner: Runner,
  name = file,
): Promise<FileReport> {
  const cases = JSON.parse(readFileSync(join(directory, `${file}.json`), 'utf8')) as Case[];
  const excepted = new Map<string, number>();
  const failures: { id: string; want: unknown; got: unknown }[] = [];
  let passed = 0;
  for (const vector of cases) {
    const kind = vector.kind ?? vector.fn ?? '';
    const rule = exceptions.find(
      (each) =>
        each.file === name &&
        (each.kind === undefined || each.kind === kind) &&
        (each.dialect === undefined || each.dialect === vector.dialect) &&
        (each.when?.(vector) ?? true),
    );
    if (rule) {
      excepted.set(rule.reason, (excepted.get(rule.reason) ?? 0) + 1);
      continue;
    }
    const outcome = await judge(runner[kind], kind, vector);
    if (outcome.ok) passed++;
    else failures.push({ id: vector.id, want: outcome.want, got: outcome.got });
  }
  return { file, cases: cases.length, passed, excepted, failures };
}

async function judge(check: Check | undefined, kind: string, vector: Case): Promise<Outcome> {
  if (!check) return { ok: false, want: vector.want ?? vector.error, got: `no check for kind ${kind}` };
  try {
    return await check(vector as never);
  } catch (error) {
    return { ok: false, want: vector.want ?? vector.error, got: `threw ${String(error)}` };
  }
}
