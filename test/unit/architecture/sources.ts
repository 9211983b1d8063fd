/** The TypeScript files of the repository and what they import and export, read as text. */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface SourceFile {
  /** Relative to the root of the repository. */
  readonly file: string;
  readonly text: string;
}

export const root = fileURLToPath(new URL('../../../', import.meta.url));

/** All files below `folders`, in order. */
export function sourcesIn(...folders: readonly string[]): readonly SourceFile[] {
  return folders
    .flatMap((folder) => globSync(`${folder}/**/*.ts`, { cwd: root }))
    .sort()
    .map((file) => ({ file, text: readFileSync(join(root, file), 'utf8') }));
}

/** Every module specifier of `text`: imports, re-exports and dynamic imports. */
export function importsOf(text: string): readonly string[] {
  return [...text.matchAll(/(?:from|import)\s*\(?\s*['"]([^'"]+)['"]/g)].map((match) => match[1] ?? '');
}

/** The files of the repository that `source` imports. */
export function localImports({ file, text }: SourceFile): readonly string[] {
  return importsOf(text)
    .filter((name) => name.startsWith('.') && name.endsWith('.ts'))
    .map((name) => normalize(join(dirname(file), name)));
}

const declaration = /^export (?:async )?(?:abstract )?(?:function|const|class|interface|type|enum) (\w+)/gm;

/** The names that `source` declares and exports. */
export function exportsOf({ text }: SourceFile): readonly string[] {
  return [...new Set([...text.matchAll(declaration)].map((match) => match[1] ?? ''))];
}
