/** `npm run bench [-- NAME]`: prints a table of ratios, each pair measured in turn in this one run. Nothing here is a timed test. */
import { cluster } from './cluster.ts';
import { warm } from './warm.ts';

const benches: Readonly<Record<string, () => Promise<void>>> = { warm, cluster };

const name = process.argv[2];
if (name !== undefined && !Object.hasOwn(benches, name)) {
  console.error(`there is no bench '${name}'; there are: ${Object.keys(benches).join(', ')}`);
  process.exitCode = 2;
} else {
  for (const [each, run] of Object.entries(benches)) if (name === undefined || name === each) await run();
}
