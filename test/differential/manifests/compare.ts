/** Compares how `pratique check` and Kubernetes' own decoder read manifest files. */
import { execFileSync } from 'node:child_process';
import { isDeepStrictEqual } from 'node:util';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readDocuments } from '../../../src/cli/check/read-documents.ts';

export interface ManifestDifference {
  readonly text: string;
  readonly theirs: readonly unknown[];
  readonly theirError: string;
  readonly ours: readonly unknown[];
  readonly ourProblems: readonly string[];
}

export interface ManifestComparison {
  readonly files: number;
  /** Files that Kubernetes' decoder reads to the end. */
  readonly readable: number;
  readonly documents: number;
  /** Files with text after a complete document, which kubectl ignores and `check` reports. */
  readonly trailing: number;
  /** Files with a tab before a comment, which kubectl rejects and `check` ignores: no value is lost. */
  readonly tabs: number;
  readonly differences: readonly ManifestDifference[];
}

interface Decoded {
  readonly documents: readonly unknown[];
  readonly error: string;
}

/** Both must read the same documents. Where their decoder stops with an error, ours must report a problem and have read at least as much. */
export function compareManifests(texts: readonly string[], decoder: string): ManifestComparison {
  const decoded = decodeAll(texts, decoder);
  const all = texts.map((text, index): ManifestDifference => {
    const theirs = decoded[index] ?? { documents: [], error: 'no answer' };
    const { documents, problems } = readDocuments(text.replace(/^\ufeff/, ''));
    const ours = documents.map(({ value }) => asJson(value));
    return {
      text,
      theirs: theirs.documents,
      theirError: theirs.error,
      ours,
      ourProblems: problems.map(({ line, message }) => `${line}: ${message}`),
    };
  });
  const different = all.filter((each) => !isSame(each));
  return {
    files: texts.length,
    readable: decoded.filter(({ error }) => error === '').length,
    documents: decoded.reduce((sum, { documents }) => sum + documents.length, 0),
    trailing: different.filter(hasTrailingText).length,
    tabs: different.filter(hasTabBeforeComment).length,
    differences: different.filter((each) => !hasTrailingText(each) && !hasTabBeforeComment(each)),
  };
}

/** Both read the same documents, and ours also reports the text behind one, which their decoder never looks at. */
function hasTrailingText({ theirs, theirError, ours, ourProblems }: ManifestDifference): boolean {
  const isTrailing = (problem: string) =>
    /: not valid YAML: Unexpected .* (at node end|in YAML stream)/.test(problem);
  return theirError === '' && isDeepStrictEqual(ours, theirs) && ourProblems.every(isTrailing);
}

function hasTabBeforeComment({ text, theirError, ourProblems }: ManifestDifference): boolean {
  const isTabError = theirError.includes('found character that cannot start any token');
  return isTabError && ourProblems.length === 0 && /^ *\t[ \t]*#/m.test(text);
}

function isSame({ theirs, theirError, ours, ourProblems }: ManifestDifference): boolean {
  if (theirError === '') return ourProblems.length === 0 && isDeepStrictEqual(ours, theirs);
  return ourProblems.length > 0 && isDeepStrictEqual(ours.slice(0, theirs.length), theirs);
}

/** JSON has neither `undefined` nor prototypes. */
function asJson(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value)) as unknown;
}

function decodeAll(texts: readonly string[], decoder: string): readonly Decoded[] {
  const folder = mkdtempSync(join(tmpdir(), 'pratique-manifests-'));
  try {
    const files = texts.map((text, index) => {
      const file = join(folder, `${index}.yaml`);
      writeFileSync(file, text);
      return file;
    });
    const output = execFileSync(decoder, { input: files.join('\n'), encoding: 'utf8', maxBuffer: 2 ** 28 });
    return output
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Decoded);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
