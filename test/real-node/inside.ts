/** The suite itself, in a private box: brings the cluster up, asks, watches the nodes, and prints the table. */
import { parseArgs } from 'node:util';
import { must } from '../kit/cluster/kubectl.ts';
import { type RealCluster, startRealCluster } from '../kit/node/real-cluster.ts';
import type { RuntimeLine } from '../kit/node/real-node.ts';
import { releaseOf } from '../kit/node/release.ts';
import type { NodeTools } from '../kit/node/tools.ts';
import { compare, isUnexplained } from './compare.ts';
import { playOtherPlatform } from './lives/other-platform.ts';
import { isUnexplainedLife, reportLives } from './lives/report.ts';
import { isUnexplainedStory, reportStories } from './lives/story.ts';
import { lives } from './lives/lives.ts';
import { playLives } from './lives/play.ts';
import { playRelease } from './lives/release-lives.ts';
import { report, type Versions } from './report.ts';
import { rows } from './rows/index.ts';
import { releaseValues, runTable } from './run-table.ts';
import { stopwatch } from './stopwatch.ts';
import { writeTable } from './write-table.ts';

const [tools = '', ...args] = process.argv.slice(2);
const { values } = parseArgs({
  args,
  options: {
    runtime: { type: 'string', default: '' },
    only: { type: 'string', default: '' },
    write: { type: 'boolean', default: false },
  },
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
const release = await releaseOf(cluster);
const results = await runTable(cluster, release, chosen, watch);
const comparisons = results.map(compare);
const table = report(comparisons, await versionsOf(cluster));
console.log(table);
const lived = await playLives(
  cluster,
  lives.filter(({ id }) => id.includes(values.only)),
);
watch.lap('lives of pods');
const isWhole = values.only === '';
const elsewhere = isWhole ? await playOtherPlatform(cluster) : [];
watch.lap('another platform');
const released = isWhole ? await playRelease(cluster, release, releaseValues) : [];
watch.lap("Pratique's own life");
const stories = [
  ...reportLives(lived),
  ...reportStories('linux/arm64, by a Node object without a kubelet:', elsewhere),
  ...reportStories("Pratique's own life, failurePolicy Fail:", released),
].join('\n');
console.log(stories);
if (values.write) await writeTable(`${table}\n${stories}`);
const isFine =
  !comparisons.some(isUnexplained) &&
  !lived.some(isUnexplainedLife) &&
  ![...elsewhere, ...released].some(isUnexplainedStory);
process.exitCode = isFine ? 0 : 1;

async function versionsOf({ control, nodes: all }: RealCluster): Promise<Versions> {
  const path =
    'jsonpath={range .items[*]}{.metadata.name} {.status.nodeInfo.containerRuntimeVersion}{"\\n"}{end}';
  const lines = (await must(control.kubeconfig, ['get', 'nodes', '-o', path])).trim().split('\n');
  const versions = new Map(lines.map((line) => line.split(' ') as [string, string]));
  return Object.fromEntries(all.map(({ name }) => [name, versions.get(name) ?? '']));
}
