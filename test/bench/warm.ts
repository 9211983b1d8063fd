/** P1: warm `/validate` with three containers beside a bare server, closed loop, logs and metrics on; the two in turn. */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse, stringify } from 'yaml';
import { type Scenario, startScenario } from '../../demo/scenario.ts';
import { issueAuthority, issueLeaf } from '../../src/serve/certificates/authority/issue.ts';
import { freePort } from '../kit/registries/docker-registry.ts';
import { type Running, start } from './processes.ts';
import { reviews } from './reviews.ts';
import { wrk } from './wrk.ts';

const rounds = 5;
const seconds = 4;
/** A server in a cluster has been up for days: the compiler has to be done with all three. */
const warmUpSeconds = 12;
const connections = 16;
const images = ['nginx:1.27', 'redis:7', 'postgres:17'];

export async function warm(): Promise<void> {
  const scenario = await startScenario();
  const servers: [name: string, server: Running][] = [];
  try {
    const files = await certificate(scenario.folder);
    for (const name of ['bare', 'express']) {
      const port = await freePort();
      const script = fileURLToPath(new URL(`servers/${name}.ts`, import.meta.url));
      servers.push([name, await start([script, String(port), ...files], port, join(scenario.folder, name))]);
    }
    // The second shows what a line in the log for every request costs.
    for (const [name, level] of [
      ['pratique', 'info'],
      ['no log line', 'warn'],
    ] as const) {
      servers.push([name, await startPratique(scenario, level, files)]);
    }
    print(await measure(servers));
  } finally {
    for (const [, server] of servers) await server.stop();
    await scenario.upstream.registry.stop();
    await scenario.mirror.registry.stop();
    await rm(scenario.folder, { recursive: true, force: true });
  }
}

/** One pair for all three servers: the cost of TLS is the same. */
async function certificate(folder: string): Promise<[cert: string, key: string]> {
  const leaf = await issueLeaf(await issueAuthority(Date.now()), ['127.0.0.1'], Date.now());
  const files: [string, string] = [join(folder, 'tls.crt'), join(folder, 'tls.key')];
  await writeFile(files[0], leaf.cert);
  await writeFile(files[1], leaf.key);
  return files;
}

/** The demo's configuration on a port of our choice, with tags believed for as long as the bench runs. */
async function startPratique(
  { configuration, folder }: Scenario,
  level: string,
  [cert, key]: [string, string],
) {
  const port = await freePort();
  const settings = parse(await readFile(configuration, 'utf8')) as Record<string, unknown>;
  const server = {
    webhook: { listen: `127.0.0.1:${port}`, tls: { mode: 'files', cert, key } },
    metrics: { listen: '127.0.0.1:0' },
  };
  const own = join(folder, `pratique-${level}.yaml`);
  await writeFile(own, stringify({ ...settings, server, cache: { tagTTL: '1h' }, log: { level } }));
  const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
  return start([main, 'serve', '--config', own], port, join(folder, `pratique-${level}.log`));
}

/** Requests per second of every round, by server; the servers take turns so that the machine's moods hit all. */
async function measure(servers: readonly [string, Running][]): Promise<Map<string, number[]>> {
  const bodies = reviews(200, images);
  const rates = new Map<string, number[]>();
  const load = async ([name, { url }]: [string, Running], duration: number) => {
    const { requestsPerSecond, errors } = await wrk({ url, bodies, seconds: duration, connections });
    if (errors > 0) throw new Error(`${name}: ${errors} failed answers`);
    return requestsPerSecond;
  };
  for (const server of servers) await load(server, warmUpSeconds);
  for (let round = 0; round < rounds; round++) {
    for (const server of servers) {
      rates.set(server[0], [...(rates.get(server[0]) ?? []), await load(server, seconds)]);
    }
  }
  return rates;
}

function print(rates: ReadonlyMap<string, readonly number[]>): void {
  console.log(
    `warm /validate, 3 containers, ${connections} connections, ${rounds} rounds of ${seconds} s each`,
  );
  console.log('server      median req/s   min      max      ratio to bare, round by round (median)');
  const bare = rates.get('bare') ?? [];
  for (const [name, each] of rates) {
    const ratios = each.map((rate, round) => rate / (bare[round] ?? Number.NaN));
    const cells = [median(each), Math.min(...each), Math.max(...each)].map((rate) => rate.toFixed(0));
    const [middle = '', least = '', most = ''] = cells;
    console.log(
      `${name.padEnd(12)}${middle.padEnd(15)}${least.padEnd(9)}${most.padEnd(9)}${median(ratios).toFixed(3)}`,
    );
  }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
