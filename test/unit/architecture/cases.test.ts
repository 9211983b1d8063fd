/** The forty telling cases of resolution: each has a test that names it, and none gets lost. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';

const folder = fileURLToPath(new URL('../../', import.meta.url));

test('a test is called after every case from 1 to 40', () => {
  const texts = globSync('**/*.test.ts', { cwd: folder }).map((file) =>
    readFileSync(join(folder, file), 'utf8'),
  );
  const titles = texts.flatMap((text) => [...text.matchAll(/['"`]case (\d{2}): /g)]);
  const named = new Set(titles.map(([, number]) => Number(number)));
  const all = Array.from({ length: 40 }, (_, index) => index + 1);
  expect(all.filter((number) => !named.has(number))).toEqual([]);
});
