/** The suite itself, in a private box: brings the cluster up, asks, watches the nodes, and prints the table. */
import { parseArgs } from 'node:util';
import { startRealCluster } from '../kit/node/real-cluster.ts';
import type { RuntimeLine } from '../kit/node/real-node.ts';
import type { NodeTools } from '../kit/node/tools.ts';
import { compare, isUnexplained } from './compare.ts';
import { report } from './report.ts';
import { rows } from './rows/index.ts';
import { runTable } from './run-table.ts';
import { stopwatch } from './stopwatch.ts';

const [tools = '', ...args] = process.argv.slice(2);
const { values } = parseArgs({
  args,
  options: { runtime: { type: 'string', default: '' }, only: { type: 'string', default: '' } },
});
const runtimes = (['2', '1.6'] as const).filter(
  (runtime) => values.runtime === '' || values.runtime === runtime,
);
const nodes: Readonly<Record<string, RuntimeLine>> = Object.fromEntries(
  runtimes.map((runtime) => [`node-${runtime.replace('.', '-')}`, runtime]),
);
const chosen = rows.filter(({ id }) => id.includes(values.only));
const watch = stopwatch();
await using cluster = await startRealCluster({ tools: JSON.parse(tools) as NodeTools, nodes });
watch.lap('cluster with its nodes');
const results = await runTable(cluster, chosen, watch);
const compared = results.map((result) => compare(result));
console.log(report(compared, watch));
process.exitCode = compared.some(isUnexplained) ? 1 : 0;
