/** `npm run differential [-- --seed S --cases N --only TEXT]`: prints the differential table; exit 1 on an unexplained difference or a cell with fewer than five cases. */
import { parseArgs } from 'node:util';
import { generate } from './generate.ts';
import { countCells, report, unexplained } from './report.ts';
import { casesPerCell, defaultSeed, runCases } from './run.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: defaultSeed },
    cases: { type: 'string', default: String(casesPerCell) },
    only: { type: 'string', default: '' },
  },
});
const cases = generate(values.seed, Number(values.cases)).filter(({ id }) => id.includes(values.only));
const results = await runCases(cases);
console.log(report(values.seed, results));
const thin = values.only === '' && countCells(results.comparisons).some(({ cases }) => cases < 5);
process.exitCode = thin || unexplained(results.comparisons).length > 0 ? 1 : 0;
