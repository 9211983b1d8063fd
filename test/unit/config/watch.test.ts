import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { RecordedFiles } from '../../../src/config/files.ts';
import { ConfigurationWatch } from '../../../src/config/watch.ts';

const everyMs = 15;
let folder = '';
let stop = new AbortController();
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'watch-'));
  stop = new AbortController();
});
afterEach(() => {
  stop.abort();
  rmSync(folder, { recursive: true });
});

/** Watches `main` and the file that it names; a `main` with the content "bad" is rejected. */
function watching(main = 'main'): { loaded: string[]; rejected: string[] } {
  const seen = { loaded: [] as string[], rejected: [] as string[] };
  const load = (files: RecordedFiles): string => {
    const text = files.read(main) ?? '';
    const named = files.read(text.trim());
    if (text === 'bad') throw new Error('bad');
    return `${text}=${named}`;
  };
  const first = new RecordedFiles(folder);
  load(first);
  const watch = new ConfigurationWatch(
    first,
    {
      files: () => new RecordedFiles(folder),
      apply: async (files) => {
        seen.loaded.push(load(files));
      },
      reject: (error) => {
        seen.rejected.push((error as Error).message);
      },
    },
    everyMs,
  );
  void watch.run(stop.signal);
  return seen;
}

function write(name: string, text: string): void {
  writeFileSync(join(folder, name), text);
}

async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; tries < 1_500 && !condition(); tries++) await sleep(10);
  expect(condition()).toBe(true);
}

describe('ConfigurationWatch', () => {
  test('reloads when the file changes and not otherwise', async () => {
    write('main', 'a');
    const { loaded } = watching();
    await sleep(8 * everyMs);
    expect(loaded).toEqual([]);
    write('main', 'b');
    await until(() => loaded.length > 0);
    await sleep(8 * everyMs);
    expect(loaded).toEqual(['b=null']);
  });

  test('reloads when a named file is created', async () => {
    write('main', 'a');
    const { loaded } = watching();
    write('a', 'new');
    await until(() => loaded.length > 0);
    expect(loaded).toEqual(['a=new']);
  });

  test("watches the new version's files and no longer those of the old one alone", async () => {
    write('main', 'a');
    const { loaded } = watching();
    write('main', 'b');
    await until(() => loaded.length === 1);
    write('b', '1');
    await until(() => loaded.length === 2);
    write('a', '1');
    await sleep(8 * everyMs);
    expect(loaded).toEqual(['b=null', 'b=1']);
  });

  test('rejects an invalid version once, also when files of the active version were removed with it', async () => {
    write('main', 'a');
    write('a', '1');
    const { loaded, rejected } = watching();
    write('main', 'bad');
    rmSync(join(folder, 'a'));
    await until(() => rejected.length > 0);
    await sleep(20 * everyMs);
    expect(rejected).toEqual(['bad']);
    write('a', '2');
    write('main', 'a');
    await until(() => loaded.length > 0);
    expect(loaded).toEqual(['a=2']);
  });

  test('rejects an invalid version once and applies the next valid one', async () => {
    write('main', 'a');
    const { loaded, rejected } = watching();
    write('main', 'bad');
    await until(() => rejected.length > 0);
    await sleep(8 * everyMs);
    expect(rejected).toEqual(['bad']);
    expect(loaded).toEqual([]);
    write('main', 'good');
    await until(() => loaded.length > 0);
    expect(loaded).toEqual(['good=null']);
  });

  test('still watches the files of the active version after a rejection', async () => {
    write('main', 'a');
    const { rejected } = watching();
    write('main', 'bad');
    await until(() => rejected.length === 1);
    write('a', 'touched');
    await until(() => rejected.length === 2);
  });

  test('waits until a file that is being written settles', async () => {
    write('main', 'a');
    const { loaded } = watching();
    for (let size = 1; size < 30; size++) {
      write('main', 'x'.repeat(size));
      await sleep(everyMs / 3);
    }
    write('main', 'whole');
    await until(() => loaded.includes('whole=null'));
    // A slow machine may let it settle in between, but never at every write.
    expect(loaded.length).toBeLessThan(10);
  });

  test("reloads after the swap of a volume's ..data, although the file's own link is unchanged", async () => {
    for (const [version, text] of [
      ['..1', 'a'],
      ['..2', 'b'],
    ] as const) {
      mkdirSync(join(folder, version));
      write(`${version}/main`, text);
    }
    symlinkSync('..1', join(folder, '..data'));
    symlinkSync('..data/main', join(folder, 'main'));
    const { loaded } = watching();
    symlinkSync('..2', join(folder, '..data_tmp'));
    renameSync(join(folder, '..data_tmp'), join(folder, '..data'));
    await until(() => loaded.length > 0);
    expect(loaded).toEqual(['b=null']);
  });

  test('ends when its signal aborts', async () => {
    write('main', 'a');
    const { loaded } = watching();
    stop.abort();
    write('main', 'b');
    await sleep(8 * everyMs);
    expect(loaded).toEqual([]);
  });
});
