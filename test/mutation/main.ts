/**
 * `npm run mutation`: makes small changes to `src`, one at a time, and lists those that no unit or wire test notices.
 * Exit status 1 when more than a tenth survives without an explanation. `--places 10 --below src/util` for a part.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { explain } from './equivalents.ts';
import type { Mutation } from './mutations.ts';
import { type Fate, MutationRunner } from './run.ts';
import { sampleMutations } from './sample.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: 'pratique' },
    places: { type: 'string', default: '200' },
    'min-per-folder': { type: 'string', default: '5' },
    below: { type: 'string', default: 'src' },
    workers: { type: 'string', default: '2' },
  },
});
const root = fileURLToPath(new URL('../../', import.meta.url));
// The widest set of related tests takes forty seconds on one quiet core.
const timeoutMs = 180_000;
const maxSurvivors = 0.1;

const sample = sampleMutations({
  root,
  seed: values.seed,
  places: Number(values.places),
  minPerFolder: Number(values['min-per-folder']),
  below: values.below,
});
process.stdout.write(`${sample.length} mutations, seed ${values.seed}\n`);
const fates = await runAll(sample, Number(values.workers));
const survivors = sample.filter((mutation) => fates.get(mutation) !== 'killed');
let unexplained = 0;
for (const mutation of survivors) {
  const text = readFileSync(join(root, mutation.file), 'utf8').split('\n')[mutation.line - 1] ?? '';
  const reason = explain(mutation, text);
  if (reason === null) unexplained++;
  const change = `${mutation.original.slice(0, 60)} → ${mutation.replacement.slice(0, 60)}`;
  process.stdout.write(`${fates.get(mutation)}  ${mutation.file}:${mutation.line}  ${change}\n`);
  process.stdout.write(reason === null ? `    ${text.trim()}\n` : `    equivalent: ${reason}\n`);
}
const share = ((100 * survivors.length) / Math.max(1, sample.length)).toFixed(1);
process.stdout.write(
  `${sample.length} mutations, ${sample.length - survivors.length} killed, ${survivors.length} survived (${share} %), ${unexplained} of them unexplained\n`,
);
process.exitCode = sample.length === 0 || unexplained > maxSurvivors * sample.length ? 1 : 0;

async function runAll(mutations: readonly Mutation[], workers: number): Promise<ReadonlyMap<Mutation, Fate>> {
  const results = new Map<Mutation, Fate>();
  const queue = [...mutations];
  await Promise.all(
    Array.from({ length: workers }, async () => {
      await using runner = await MutationRunner.create(root, timeoutMs);
      for (let next = queue.shift(); next; next = queue.shift()) {
        results.set(next, await runner.run(next));
        process.stderr.write(`\r${results.size} of ${mutations.length}`);
      }
    }),
  );
  process.stderr.write('\n');
  return results;
}
