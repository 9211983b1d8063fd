/**
 * The how-tos and the page of the command line are true: the files in a page are written into an empty folder, in the page's order, its commands are run
 * there, and their output is the page's. A file is a fence with a title, a command a line with `$ ` in a `console` fence.
 * What needs a cluster stands in `text` fences and is not run here; its examples are checked in `how-to-examples.test.ts`.
 * With `UPDATE_DOCS=1` in the environment the pages are written again.
 */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { bin, cleanEnvironment } from '../kit/pratique/command.ts';
import { startCorp } from '../kit/registries/corporate-registry.ts';
import { dockerClients } from './engine-api/daemon.ts';
import { docs, type Fence, fences, inACluster, pages } from './support/pages.ts';

const cleanup = new AsyncDisposableStack();
afterAll(() => cleanup.disposeAsync());

interface Command {
  readonly line: string;
  readonly output: string;
}

function commands({ language, body }: Fence): readonly Command[] {
  if (language !== 'console') return [];
  return body
    .split(/^\$ /m)
    .slice(1)
    .map((each) => {
      const end = each.indexOf('\n');
      return { line: each.slice(0, end), output: each.slice(end + 1) };
    });
}

/** Where the hosts of the pages are; a page with a section of this name only lists endpoints. */
let registries = '';

async function write(folder: string, { title, body }: Fence): Promise<void> {
  if (title === null) return;
  const more = title === 'pratique.yaml' && !/^registry:/m.test(body) ? registries : '';
  const path = join(folder, title);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, body + more);
}

/** Where Docker's clients are: its command, and a Python with docker-py. */
let clientFolders: readonly string[] = [];
/** Where the pages' scripts find dockerode. */
const modules = fileURLToPath(new URL('../../node_modules', import.meta.url));

function shell(line: string, folder: string): Promise<string> {
  const { PATH = '', ...environment } = cleanEnvironment();
  const folders = [dirname(bin), ...clientFolders, dirname(process.execPath), PATH];
  const env = { ...environment, PATH: folders.join(delimiter), NODE_PATH: modules };
  return new Promise((resolve) => {
    // Its status does not matter: pages that care show it.
    execFile('sh', ['-c', `exec 2>&1; ${line}`], { cwd: folder, env }, (_, output) => resolve(output));
  });
}

/** Times differ from run to run, and with them the width of their column. */
function timeless(output: string): string {
  return output
    .replace(/ +TIME +/g, ' TIME ')
    .replace(/ +\d+ ms +/g, ' … ms ')
    .replace(/"durationMs": \d+/g, '"durationMs": …');
}

beforeAll(async () => {
  const { cli, python } = await dockerClients();
  clientFolders = [dirname(cli), dirname(python)];
  const corp = cleanup.use(await startCorp());
  const folder = await mkdtemp(join(tmpdir(), 'pratique-how-to-'));
  cleanup.defer(() => rm(folder, { recursive: true }));
  const ca = join(folder, 'ca.pem');
  await writeFile(ca, corp.ca);
  // A slow answer of a busy machine must not count as a dead endpoint.
  const patience = { endpointTimeout: '10s' };
  registries = stringify({ registry: { ...patience, caFiles: [ca], hosts: corp.hosts } });
}, 30_000);

/** The page as it would be if its commands were run now. */
async function renewed(page: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'pratique-page-'));
  cleanup.defer(() => rm(folder, { recursive: true }));
  let [result, copied] = ['', 0];
  for (const fence of fences(page)) {
    await write(folder, fence);
    if (fence.language !== 'console') continue;
    result += page.slice(copied, fence.at);
    copied = fence.at + fence.body.length;
    for (const { line, output } of commands(fence)) {
      const said = await shell(line, folder);
      result += `$ ${line}\n${timeless(said) === timeless(output) ? output : said}`;
    }
  }
  return result + page.slice(copied);
}

test('the pages about a cluster are there, and have no commands that could be run without one', () => {
  for (const name of inACluster) {
    const parts = fences(readFileSync(new URL(name, docs), 'utf8'));
    expect(parts.filter(({ language }) => language === 'console')).toEqual([]);
    expect(parts.some(({ language, body }) => language === 'text' && /^\$ (kubectl|helm) /m.test(body))).toBe(
      true,
    );
  }
});

describe.each(pages.filter((name) => !inACluster.has(name)))('%s', (name) => {
  const path = new URL(name, docs);
  const text = readFileSync(path, 'utf8');
  const parts = fences(text);

  test('shows a configuration and what a command makes of it', () => {
    expect(parts.some(({ title }) => title === 'pratique.yaml')).toBe(true);
    expect(parts.flatMap(commands).some(({ line }) => line.startsWith('pratique '))).toBe(true);
  });

  test('is true', async () => {
    const now = await renewed(text);
    if (process.env['UPDATE_DOCS'] === '1') await writeFile(path, now);
    else expect(now).toBe(text);
  }, 60_000);
});
