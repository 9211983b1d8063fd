/**
 * The how-tos are true: the files in a page are written into an empty folder, in the page's order, its commands are run
 * there, and their output is the page's. A file is a fence with a title, a command a line with `$ ` in a `console` fence.
 */
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { bin, cleanEnvironment } from './support/command.ts';
import { startCorp } from './support/corp.ts';

const pages = new URL('../../docs/how-to/', import.meta.url);
const cleanup = new AsyncDisposableStack();
afterAll(() => cleanup.disposeAsync());

interface Fence {
  readonly language: string;
  readonly title: string | null;
  readonly body: string;
}

function fences(page: string): readonly Fence[] {
  const text = readFileSync(new URL(page, pages), 'utf8');
  const found = text.matchAll(/^```(\w+)(?: title="([^"\n]+)")?\n(.*?)^```$/gms);
  return [...found].map(([, language = '', title = null, body = '']) => ({ language, title, body }));
}

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

function shell(line: string, folder: string): Promise<string> {
  const { PATH = '', ...environment } = cleanEnvironment();
  const env = { ...environment, PATH: dirname(bin) + delimiter + PATH };
  return new Promise((resolve) => {
    // Its status does not matter: pages that care show it.
    execFile('sh', ['-c', `exec 2>&1; ${line}`], { cwd: folder, env }, (_, output) => resolve(output));
  });
}

/** Times differ from run to run, and with them the width of their column. */
function timeless(output: string): string {
  return output.replace(/ +TIME +/g, ' TIME ').replace(/ +\d+ ms +/g, ' … ms ');
}

beforeAll(async () => {
  const corp = cleanup.use(await startCorp());
  const folder = await mkdtemp(join(tmpdir(), 'pratique-how-to-'));
  cleanup.defer(() => rm(folder, { recursive: true }));
  const ca = join(folder, 'ca.pem');
  await writeFile(ca, corp.ca);
  registries = stringify({ registry: { caFiles: [ca], hosts: corp.hosts } });
}, 30_000);

describe.each(readdirSync(pages))('%s', (page) => {
  const parts = fences(page);

  test('shows a configuration and what a command makes of it', () => {
    expect(parts.some(({ title }) => title === 'pratique.yaml')).toBe(true);
    expect(parts.flatMap(commands).map(({ line }) => line)).toContainEqual(
      expect.stringMatching(/^pratique /),
    );
  });

  test('is true', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'pratique-page-'));
    cleanup.defer(() => rm(folder, { recursive: true }));
    for (const part of parts) {
      await write(folder, part);
      for (const { line, output } of commands(part)) {
        expect(`$ ${line}\n${timeless(await shell(line, folder))}`).toBe(`$ ${line}\n${timeless(output)}`);
      }
    }
  }, 60_000);
});
