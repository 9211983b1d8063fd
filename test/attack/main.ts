/** `npm run attack`: throws every attack at a running Pratique and prints a table. Names select rows; `--long` runs the long ones too. Exit status 1 if a row does not hold. */
import { parseArgs } from 'node:util';
import type { Attack, AttackResult } from './attack.ts';
import { idleConnections, noReader, unfinishedBodies } from './cases/connections.ts';
import { crowdedManifests, echoedCredentials, oddPlatforms, tooManyImages } from './cases/content.ts';
import { nameOfLoopback, portScan, unresolvableNames } from './cases/names.ts';
import { outages, passedOnFailures } from './cases/outages.ts';

const attacks: readonly Attack[] = [
  unfinishedBodies,
  unresolvableNames,
  oddPlatforms,
  ...outages,
  tooManyImages,
  passedOnFailures,
  idleConnections,
  echoedCredentials,
  noReader,
  nameOfLoopback,
  crowdedManifests,
  portScan,
];

const { values, positionals } = parseArgs({
  options: { long: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const chosen = attacks.filter(({ id, isLong }) =>
  positionals.length > 0 ? positionals.includes(id) : values.long || !isLong,
);
if (chosen.length === 0) {
  process.stderr.write(`no such attack; there are: ${attacks.map(({ id }) => id).join(', ')}\n`);
  process.exit(2);
}
process.stdout.write(row(['case', 'answers', 'late', 'wrong', 'lost', 'MiB', 'loop ms', 'thrown']));
let failed = 0;
for (const attack of chosen) {
  const result = await attack.run();
  if (result.failures.length > 0) failed++;
  process.stdout.write(row(cells(attack, result)));
  for (const failure of result.failures) process.stdout.write(`        DOES NOT HOLD: ${failure}\n`);
}
process.stdout.write(`${chosen.length - failed} passed, ${failed} failed\n`);
process.exit(failed > 0 ? 1 : 0);

function cells({ id, thrown }: Attack, result: AttackResult): readonly string[] {
  const { answers, late, wrong, lost, memoryMiB, loopDelayMs } = result;
  return [id, ...[answers, late, wrong, lost, memoryMiB, loopDelayMs].map(String), thrown];
}

function row(texts: readonly string[]): string {
  const widths = [8, 8, 5, 6, 5, 5, 8, 0];
  return `${texts
    .map((text, index) => text.padEnd(widths[index] ?? 0))
    .join(' ')
    .trimEnd()}\n`;
}
