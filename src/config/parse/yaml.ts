/**
 * YAML parser for the configuration that records the position of every value. It is stricter than for a
 * manifest: duplicate keys and second documents are errors.
 */
import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
} from 'yaml';
import { clean } from '../../util/text/text.ts';
import type { Path } from './path.ts';
import { ConfigurationError, type Problem } from '../problem.ts';

export interface ValuePosition {
  readonly line: number;
  readonly column: number;
}

export interface YamlText {
  readonly data: unknown;
  /** Returns the position of the value at `path`, or of its nearest existing parent. */
  valuePosition(path: Path): ValuePosition;
  /** Returns the position of the last key of `path`. */
  keyPosition(path: Path): ValuePosition;
}

// Limit of aliases: a configuration shares a few lists, while an alias bomb needs many more.
const maxAliasCount = 100;

/** Parses the text. Throws `ConfigurationError`. */
export function parseYaml(text: string, file: string): YamlText {
  const lines = new LineCounter();
  const positionAt = (offset: number): ValuePosition => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const reject = (message: string, cause: unknown): ConfigurationError =>
    new ConfigurationError([{ file, ...positionAt(0), path: '', message }], { cause });
  try {
    const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'error' });
    const problems = [...document.errors, ...document.warnings].map(
      ({ code, message, pos: [offset] }): Problem => ({
        file,
        ...positionAt(offset),
        path: '',
        message: syntaxMessage(code, message, text.slice(offset)),
      }),
    );
    if (problems.length > 0) throw new ConfigurationError(problems);
    const data: unknown = document.toJS({ maxAliasCount });
    return {
      data,
      valuePosition: (path) => positionAt(findOffsets(document, path).value),
      keyPosition: (path) => positionAt(findOffsets(document, path).key),
    };
  } catch (error) {
    if (error instanceof ConfigurationError) throw error;
    if (error instanceof RangeError) throw reject('nested too deeply', error);
    if (error instanceof ReferenceError) throw reject(`aliases: ${clean(error.message)}`, error);
    throw error;
  }
}

function syntaxMessage(code: string, message: string, rest: string): string {
  switch (code) {
    case 'DUPLICATE_KEY':
      return `duplicate key ${clean(/^[^\s:]{0,64}/.exec(rest)?.[0] ?? '')}; keep one of them`;
    case 'MULTIPLE_DOCS':
      return 'a second document starts here; a configuration is one document';
    default:
      return `not valid YAML: ${clean(message)}`;
  }
}

/**
 * Returns the offsets of the last key and of the value, or of the last ones that exist if the document lacks
 * part of the path.
 */
function findOffsets(document: Document, path: Path): { readonly key: number; readonly value: number } {
  let node: unknown = document.contents;
  let found = { key: startOffset(node), value: startOffset(node) };
  for (const step of path) {
    const next = findChild(document, node, step);
    if (!next) break;
    node = next.value;
    found = {
      key: startOffset(next.key),
      value: isMap(node) || isSeq(node) ? startOffset(next.key) : startOffset(node, next.key),
    };
  }
  return found;
}

function findChild(
  document: Document,
  from: unknown,
  step: PropertyKey,
): { key: unknown; value: unknown } | null {
  const node = isAlias(from) ? from.resolve(document) : from;
  if (isMap(node)) {
    const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step));
    return pair ? { key: pair.key, value: pair.value } : null;
  }
  const item = isSeq(node) ? node.items[Number(step)] : undefined;
  return item === undefined ? null : { key: item, value: item };
}

function startOffset(node: unknown, fallback?: unknown): number {
  const [offset] = (isNode(node) && (node as Node).range) || [];
  return offset ?? (fallback === undefined ? 0 : startOffset(fallback));
}
