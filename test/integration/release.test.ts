/** What a release consists of, made by its script and used as a person would: in an empty folder. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import metadata from '../../package.json' with { type: 'json' };

jest.setTimeout(180_000);

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../', import.meta.url));
const { version } = metadata;
// Node 24 of this checkout stands for the one of the person who installs the package.
const environment = { PATH: `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`, HOME: tmpdir() };
let folder: string;
let release: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pratique-release-'));
  release = join(folder, 'release');
  await run(join(root, 'hack/release.sh'), ['--dry-run', `v${version}`, release]);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('the release has the command, the chart, their bill of materials and provenance', async () => {
  expect((await readdir(release)).sort()).toEqual([
    'checksums.txt',
    `pratique-${version}.tgz`,
    `pratique-chart-${version}.tgz`,
    `pratique_${version}.tar.gz`,
    'provenance.json',
    'sbom.spdx.json',
  ]);
});

test('the checksums are those of the files, and the provenance names them', async () => {
  const lines = (await readFile(join(release, 'checksums.txt'), 'utf8')).trim().split('\n');
  expect(lines).toHaveLength(4);
  const provenance = JSON.parse(await readFile(join(release, 'provenance.json'), 'utf8')) as {
    subject: { name: string; digest: { sha256: string } }[];
  };
  for (const line of lines) {
    const [sha256 = '', name = ''] = line.split(/\s+/);
    const actual = createHash('sha256')
      .update(await readFile(join(release, name)))
      .digest('hex');
    expect(sha256).toBe(actual);
    expect(provenance.subject).toContainEqual({ name, digest: { sha256 } });
  }
});

describe('the command', () => {
  test('works after npm install of the package in an empty folder, without any dependency', async () => {
    const installed = await mkdtemp(join(folder, 'npm-'));
    const archive = join(release, `pratique-${version}.tgz`);
    await run('npm', ['install', '--offline', '--no-audit', '--no-fund', archive], {
      cwd: installed,
      env: environment,
    });
    expect(await readdir(join(installed, 'node_modules'))).toEqual([
      '.bin',
      '.package-lock.json',
      'pratique',
    ]);
    const command = join(installed, 'node_modules/.bin/pratique');
    expect((await run(command, ['--version'], { env: environment })).stdout.trim()).toContain(version);
    const { stdout } = await run(command, ['endpoints', '--output', 'json', 'nginx:1.27'], {
      env: environment,
    });
    expect(JSON.parse(stdout)).toMatchObject([{ reference: { canonical: 'docker.io/library/nginx:1.27' } }]);
  });

  test('works from the archive as it is unpacked', async () => {
    const unpacked = await mkdtemp(join(folder, 'tar-'));
    await run('tar', ['-xzf', join(release, `pratique_${version}.tar.gz`), '-C', unpacked]);
    const command = join(unpacked, `pratique-${version}/bin/pratique`);
    expect((await run(command, ['--version'], { env: environment })).stdout.trim()).toContain(version);
  });
});

test('another version than that of the package is refused', async () => {
  await expect(run(join(root, 'hack/release.sh'), ['--dry-run', 'v9.9.9', release])).rejects.toMatchObject({
    stderr: expect.stringContaining(`package.json says ${version}, not 9.9.9`),
  });
});
