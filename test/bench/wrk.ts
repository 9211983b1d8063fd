/** Runs wrk, a closed-loop load generator, over TLS with keep-alive, POSTing the bodies in turn. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

export interface Load {
  readonly url: string;
  readonly bodies: readonly string[];
  readonly seconds: number;
  readonly connections: number;
}

export interface Throughput {
  readonly requestsPerSecond: number;
  /** Answers that were not 2xx or 3xx, and socket errors: a measurement with any is void. */
  readonly errors: number;
}

const script = (bodies: readonly string[]) => `
local bodies = {${bodies.map((body) => `[==[${body}]==]`).join(',')}}
local i = 0
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
request = function()
  i = i % #bodies + 1
  return wrk.format(nil, nil, nil, bodies[i])
end
`;

export async function wrk({ url, bodies, seconds, connections }: Load): Promise<Throughput> {
  const folder = await mkdtemp(join(tmpdir(), 'pratique-wrk-'));
  const file = join(folder, 'load.lua');
  await writeFile(file, script(bodies));
  const args = ['-t1', `-c${connections}`, `-d${seconds}s`, '-s', file, url];
  const { stdout } = await promisify(execFile)('wrk', args);
  await rm(folder, { recursive: true });
  const rate = /Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1];
  if (rate === undefined) throw new Error(`wrk printed no rate:\n${stdout}`);
  const refused = Number(/Non-2xx or 3xx responses: (\d+)/.exec(stdout)?.[1] ?? 0);
  const broken = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(stdout);
  const socket = broken ? broken.slice(1).reduce((sum, count) => sum + Number(count), 0) : 0;
  return { requestsPerSecond: Number(rate), errors: refused + socket };
}
