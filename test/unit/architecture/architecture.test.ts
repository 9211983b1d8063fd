import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { allowed, packages } from './table.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const files = globSync('src/**/*.ts', { cwd: root }).map((file) => ({
  file,
  text: readFileSync(join(root, file), 'utf8'),
}));

/** Every module specifier of `text`: imports, re-exports and dynamic imports. */
function imports(text: string): string[] {
  return [...text.matchAll(/(?:from|import)\s*\(?\s*['"]([^'"]+)['"]/g)].map((match) => match[1] ?? '');
}

function room(path: string): string | undefined {
  return Object.keys(allowed)
    .filter((folder) => path === folder || path.startsWith(`${folder}/`))
    .sort((a, b) => b.length - a.length)[0];
}

/** Edges `file → target` that leave their room. */
function edges(): { file: string; from: string; to: string }[] {
  return files.flatMap(({ file, text }) =>
    imports(text)
      .filter((name) => name.startsWith('.') && name.endsWith('.ts'))
      .map((name) => ({
        file,
        from: room(file) ?? file,
        to: room(normalize(join(dirname(file), name))) ?? name,
      }))
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
      imports(text).some((module) => module === name || module.startsWith(`${name}/`)),
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
