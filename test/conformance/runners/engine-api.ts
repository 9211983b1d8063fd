/** `GET /distribution/{name}/json` and its neighbours: every case against the real listener on a unix socket, over registries on real sockets. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type EngineHosts, engineHosts } from '../../kit/engine-api/engine-server.ts';
import { type ImageFixtures, readImageFixtures } from '../../kit/engine-api/image-fixtures.ts';
import { rawRequest } from '../../kit/engine-api/raw-request.ts';
import type { EngineCase } from '../engine-api/case.ts';
import { clientChecks } from '../engine-api/client-checks.ts';
import { compare, withVersions } from '../engine-api/expectations.ts';
import { scriptsOf } from '../engine-api/scripts.ts';
import { serverChecks } from '../engine-api/server-checks.ts';
import type { OpenRunner, Outcome, Runner } from '../runner.ts';

const kinds = [
  'route',
  'name',
  'path',
  'method',
  'kind',
  'upstream',
  'mirror',
  'reach',
  'auth',
  'client',
  'server',
  'manifest',
];
const fixturesFile = 'engine-api-fixtures.json';

/** The images are those beside the cases, if there are any, or else the project's own. */
export async function open(directory: string): Promise<OpenRunner> {
  const own = fileURLToPath(new URL(`../vectors/${fixturesFile}`, import.meta.url));
  const beside = join(directory, fixturesFile);
  const fixtures = readImageFixtures(existsSync(beside) ? beside : own);
  const hosts = await engineHosts();
  const check = (vector: EngineCase): Promise<Outcome> => run(vector, hosts, fixtures);
  const runner: Runner = Object.fromEntries(kinds.map((kind) => [kind, check]));
  return { runner, [Symbol.asyncDispose]: () => hosts[Symbol.asyncDispose]() };
}

async function run(vector: EngineCase, hosts: EngineHosts, fixtures: ImageFixtures): Promise<Outcome> {
  const { request, given } = vector;
  if (!request) {
    const found = [...clientChecks, ...serverChecks].find(([words]) => words.test(given));
    if (!found) return { ok: false, want: vector.want, got: `not understood: given "${given}"` };
    return await found[1]({ vector, hosts, fixtures });
  }
  const port = given.includes('of its own that refuses') ? hosts.closedPort : hosts.plainPort;
  await using server = await hosts.serve(scriptsOf(vector, fixtures));
  const sent = { ...request, path: withVersions(request.path.replaceAll('PORT', String(port))) };
  const started = performance.now();
  const response = await rawRequest(server, sent);
  return compare(vector, response, server, sent, performance.now() - started);
}
