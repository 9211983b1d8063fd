import { describe, expect, test } from '@jest/globals';
import { importsOf, localImports, sourcesIn } from './sources.ts';
import { allowed, packages } from './table.ts';

const files = sourcesIn('src');

function room(path: string): string | undefined {
  return Object.keys(allowed)
    .filter((folder) => path === folder || path.startsWith(`${folder}/`))
    .sort((a, b) => b.length - a.length)[0];
}

/** Edges `file → target` that leave their room. */
function edges(): { file: string; from: string; to: string }[] {
  return files.flatMap(({ file, text }) =>
    localImports({ file, text })
      .map((target) => ({ file, from: room(file) ?? file, to: room(target) ?? target }))
      .filter(({ from, to }) => from !== to),
  );
}

function isAllowed(from: string, to: string): boolean {
  return (allowed[from] ?? []).some((folder) => to === folder || to.startsWith(`${folder}/`));
}

describe('architecture', () => {
  test('every source file is in a room of the table', () => {
    expect(files.length).toBeGreaterThan(0);
    expect(files.map(({ file }) => file).filter((file) => room(file) === undefined)).toEqual([]);
  });

  test('imports go only where the table allows', () => {
    const wrong = edges().filter(({ from, to }) => !isAllowed(from, to));
    expect(wrong).toEqual([]);
  });

  test.each(Object.entries(packages))('%s is imported only in %j', (name, folders) => {
    const importers = files.filter(({ text }) =>
      importsOf(text).some((module) => module === name || module.startsWith(`${name}/`)),
    );
    const strangers = importers.filter(({ file }) => !folders.some((folder) => file.startsWith(folder)));
    expect(strangers.map(({ file }) => file)).toEqual([]);
  });

  test('only main reads the environment and ends the process', () => {
    const readers = files
      .filter(({ file }) => file !== 'src/main.ts')
      .filter(({ text }) => /\bprocess\.(env|exit|argv)\b/.test(text));
    expect(readers.map(({ file }) => file)).toEqual([]);
  });
});
