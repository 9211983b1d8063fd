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

/** Watches `main` and whatever file it names; a `main` that says "bad" is refused. */
function watching(main = 'main'): { loaded: string[]; refused: string[] } {
  const seen = { loaded: [] as string[], refused: [] as string[] };
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
        seen.refused.push((error as Error).message);
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
  test('loads anew when the file changes, and only then', async () => {
    write('main', 'a');
    const { loaded } = watching();
    await sleep(8 * everyMs);
    expect(loaded).toEqual([]);
    write('main', 'b');
    await until(() => loaded.length > 0);
    await sleep(8 * everyMs);
    expect(loaded).toEqual(['b=null']);
  });

  test('a file that is named and comes into being counts', async () => {
    write('main', 'a');
    const { loaded } = watching();
    write('a', 'new');
    await until(() => loaded.length > 0);
    expect(loaded).toEqual(['a=new']);
  });

  test('what the new version names is watched, and what only the old one named no more', async () => {
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

  test('a bad version is refused once also when it does not come to what is gone with it', async () => {
    write('main', 'a');
    write('a', '1');
    const { loaded, refused } = watching();
    write('main', 'bad');
    rmSync(join(folder, 'a'));
    await until(() => refused.length > 0);
    await sleep(20 * everyMs);
    expect(refused).toEqual(['bad']);
    write('a', '2');
    write('main', 'a');
    await until(() => loaded.length > 0);
    expect(loaded).toEqual(['a=2']);
  });

  test('a bad version is refused once, and the next good one is taken', async () => {
    write('main', 'a');
    const { loaded, refused } = watching();
    write('main', 'bad');
    await until(() => refused.length > 0);
    await sleep(8 * everyMs);
    expect(refused).toEqual(['bad']);
    expect(loaded).toEqual([]);
    write('main', 'good');
    await until(() => loaded.length > 0);
    expect(loaded).toEqual(['good=null']);
  });

  test('after a refusal the files of the version in use are still watched', async () => {
    write('main', 'a');
    const { refused } = watching();
    write('main', 'bad');
    await until(() => refused.length === 1);
    write('a', 'touched');
    await until(() => refused.length === 2);
  });

  test('a file that is still being written is left to settle', async () => {
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

  test("the swap of a volume's ..data is a change, although the file's own link is the same", async () => {
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

  test('it ends with its signal', async () => {
    write('main', 'a');
    const { loaded } = watching();
    stop.abort();
    write('main', 'b');
    await sleep(8 * everyMs);
    expect(loaded).toEqual([]);
  });
});
