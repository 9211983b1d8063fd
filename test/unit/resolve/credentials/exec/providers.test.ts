import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { CredentialProviders } from '../../../../../src/resolve/credentials/credentials.ts';
import { ProviderConfigError } from '../../../../../src/resolve/credentials/exec/config.ts';
import { credentialProviders } from '../../../../../src/resolve/credentials/exec/providers.ts';
import { runCommand } from '../../../../../src/resolve/credentials/exec/run.ts';

const apiVersion = 'credentialprovider.kubelet.k8s.io/v1';
const forEver = new AbortController().signal;
let folder = '';
let now = 0;
let failures: string[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'providers-'));
  now = 0;
  failures = [];
});
afterEach(() => rmSync(folder, { recursive: true }));

interface Answer {
  readonly cacheKeyType?: string;
  readonly cacheDuration?: string;
  readonly auth?: object;
  readonly apiVersion?: string;
}

/** An executable that counts its runs, remembers its last request and answers after a moment. */
function executable(name: string, answer: Answer, before = 'sleep 0.1'): void {
  const response = { kind: 'CredentialProviderResponse', apiVersion, cacheKeyType: 'Registry', ...answer };
  const file = join(folder, name);
  writeFileSync(
    file,
    `#!/bin/sh\ncat >"$0.request"\necho run >>"$0.runs"\n${before}\ncat <<'END'\n${JSON.stringify(response)}\nEND\n`,
  );
  chmodSync(file, 0o755);
}

function runs(name: string): number {
  const file = join(folder, `${name}.runs`);
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').length - 1 : 0;
}

function providers(...configs: readonly object[]): CredentialProviders {
  return running(runCommand, ...configs);
}

function running(by: typeof runCommand, ...configs: readonly object[]): CredentialProviders {
  const bare = { matchImages: ['*.example'], defaultCacheDuration: '1h', apiVersion };
  return credentialProviders({
    config: JSON.stringify({
      kind: 'CredentialProviderConfig',
      apiVersion: 'kubelet.config.k8s.io/v1',
      providers: configs.map((config) => ({ ...bare, ...config })),
    }),
    binDir: folder,
    environment: { PATH: '/usr/bin:/bin' },
    run: by,
    now: () => now,
    failed: (name, message) => failures.push(`${name}: ${message}`),
  });
}

async function users(from: CredentialProviders, image: string): Promise<string[]> {
  const { entries } = await from.entries(image, forEver);
  return entries.map(([, { username }]) => username);
}

const auth = { '*.example': { username: 'u', password: 'p' } };

describe('credentialProviders', () => {
  test('runs eight executables at a time, however many registries are asked for', async () => {
    let [underWay, most, ended] = [0, 0, 0];
    const response = { kind: 'CredentialProviderResponse', apiVersion, cacheKeyType: 'Registry', auth };
    const all = running(
      async () => {
        most = Math.max(most, ++underWay);
        await new Promise((resolve) => setImmediate(resolve));
        underWay--;
        if (++ended % 5 === 0) throw new Error('broken');
        return JSON.stringify(response);
      },
      { name: 'one' },
      { name: 'other' },
    );
    await Promise.all(Array.from({ length: 50 }, (_, n) => all.entries(`r${n}.example/app`, forEver)));
    expect([most, ended, failures.length]).toEqual([8, 100, 20]);
  });

  test('asks the executable for an image that it covers, and for no other', async () => {
    executable('one', { auth });
    const all = providers({ name: 'one' });
    expect(await all.entries('r.example.org/app', forEver)).toEqual({ entries: [], problems: [] });
    expect(runs('one')).toBe(0);
    expect(await all.entries('r.example/app', forEver)).toMatchObject({
      entries: [['*.example', { username: 'u', password: 'p', source: 'credential provider "one"' }]],
      problems: [],
    });
    expect(JSON.parse(readFileSync(join(folder, 'one.request'), 'utf8'))).toEqual({
      kind: 'CredentialProviderRequest',
      apiVersion,
      image: 'r.example/app',
    });
  });

  test('arguments and variables reach it', async () => {
    executable('one', {}, `printf '%s %s' "$1" "$KEY" >"$0.seen"`);
    await providers({ name: 'one', args: ['--v=5'], env: [{ name: 'KEY', value: 'a b' }] }).entries(
      'r.example/a',
      forEver,
    );
    expect(readFileSync(join(folder, 'one.seen'), 'utf8')).toBe('--v=5 a b');
  });

  test.each([
    ['Image', ['r.example/a'], ['r.example/b', 's.example/a']],
    ['Registry', ['r.example/a', 'r.example/b'], ['s.example/a']],
    ['Global', ['r.example/a', 'r.example/b', 's.example/a'], []],
  ])('an answer for %s is kept for that', async (cacheKeyType, hits, misses) => {
    executable('one', { auth, cacheKeyType }, '');
    const all = providers({ name: 'one' });
    await all.entries('r.example/a', forEver);
    for (const image of hits) await all.entries(image, forEver);
    expect(runs('one')).toBe(1);
    for (const image of misses) await all.entries(image, forEver);
    expect(runs('one')).toBe(1 + misses.length);
  });

  test.each([
    ['as long as it says', { cacheDuration: '10m' }, 600_000],
    ['as long as the configuration says where it does not', {}, 3_600_000],
  ])('an answer is kept %s', async (_, answer, ms) => {
    executable('one', { auth, ...answer }, '');
    const all = providers({ name: 'one' });
    await all.entries('r.example/a', forEver);
    now = ms;
    await all.entries('r.example/a', forEver);
    expect(runs('one')).toBe(1);
    now = ms + 1;
    await all.entries('r.example/a', forEver);
    expect(runs('one')).toBe(2);
  });

  test('an answer of no duration is not kept', async () => {
    executable('one', { auth, cacheDuration: '0s' }, '');
    const all = providers({ name: 'one' });
    await all.entries('r.example/a', forEver);
    await all.entries('r.example/a', forEver);
    expect(runs('one')).toBe(2);
  });

  test('who asks for the same at the same time shares one run, other images of the registry its answer', async () => {
    executable('one', { auth });
    const all = providers({ name: 'one' });
    const images = Array.from({ length: 40 }, (_, index) => `r.example/app-${index % 8}`);
    const found = await Promise.all(images.map((image) => users(all, image)));
    expect(found).toEqual(images.map(() => ['u']));
    expect(runs('one')).toBe(1);
  });

  test('one who stops waiting stops at once, and leaves the answer to the others', async () => {
    executable('one', { auth }, 'sleep 0.3');
    const all = providers({ name: 'one' });
    const impatient = AbortSignal.timeout(20);
    const others = users(all, 'r.example/a');
    const begun = performance.now();
    await expect(all.entries('r.example/a', impatient)).rejects.toThrow(/timeout/);
    expect(performance.now() - begun).toBeLessThan(250);
    expect(await others).toEqual(['u']);
    expect(runs('one')).toBe(1);
  });

  test('a provider that fails is told of and hides nobody; the next time it is asked again', async () => {
    executable('bad', {}, 'echo "no identity" >&2; exit 1');
    executable('good', { auth }, '');
    const all = providers({ name: 'bad' }, { name: 'good' }, { name: 'absent' });
    expect(await users(all, 'r.example/a')).toEqual(['u']);
    expect(failures.sort()).toEqual([
      'absent: cannot be run (ENOENT)',
      'bad: exit status 1; stderr: no identity',
    ]);
    await users(all, 'r.example/a');
    expect([runs('bad'), runs('good')]).toEqual([2, 1]);
  });

  test.each([
    ['is not valid', { cacheKeyType: 'hunter2' }, 'one: its output is not a CredentialProviderResponse'],
    [
      'is of another version',
      { apiVersion: 'credentialprovider.kubelet.k8s.io/v1beta1' },
      `one: its response is not of ${apiVersion}`,
    ],
  ])('a response that %s is not used', async (_, answer, message) => {
    executable('one', { auth, ...answer }, '');
    expect(await users(providers({ name: 'one' }), 'r.example/a')).toEqual([]);
    expect(failures).toEqual([message]);
  });

  test('one that needs the token of a service account is never asked; one that can do without is', async () => {
    const tokenAttributes = { serviceAccountTokenAudience: 'sts', cacheType: 'Token' };
    executable('needs', { auth }, '');
    executable('takes', { auth }, '');
    const all = providers(
      { name: 'needs', tokenAttributes: { ...tokenAttributes, requireServiceAccount: true } },
      { name: 'takes', tokenAttributes: { ...tokenAttributes, requireServiceAccount: false } },
    );
    await all.entries('r.example/a', forEver);
    expect([runs('needs'), runs('takes')]).toEqual([0, 1]);
  });

  test('a configuration that the kubelet would refuse is refused with all that is wrong', () => {
    const wrong = () => providers({ name: '../sh', matchImages: [] });
    expect(wrong).toThrow(ProviderConfigError);
    expect(wrong).toThrow(
      /providers\.name: "\.\.\/sh" is not the name of an executable; providers\.matchImages: .* needs at least one/,
    );
  });
});
