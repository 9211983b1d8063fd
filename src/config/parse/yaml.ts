/** YAML text whose values know their places. Not for manifests of a cluster: this one refuses what a configuration should not have. */
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

export interface Place {
  readonly line: number;
  readonly column: number;
}

export interface YamlText {
  readonly data: unknown;
  /** Where the value at `path` stands, or as much of the path as there is. */
  place(path: Path): Place;
  /** Where the last key of `path` stands. */
  keyPlace(path: Path): Place;
}

// A few shared lists are fine; a bomb needs many more.
const maxAliasCount = 100;

/** Throws `ConfigurationError`. */
export function parseYaml(text: string, file: string): YamlText {
  const lines = new LineCounter();
  const at = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const refuse = (message: string, offset = 0, cause?: unknown): ConfigurationError =>
    new ConfigurationError([{ file, ...at(offset), path: '', message }], { cause });
  try {
    const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'error' });
    const problems = [...document.errors, ...document.warnings].map(
      ({ code, message, pos: [offset] }): Problem => ({
        file,
        ...at(offset),
        path: '',
        message: syntax(code, message, text.slice(offset)),
      }),
    );
    if (problems.length > 0) throw new ConfigurationError(problems);
    const data: unknown = document.toJS({ maxAliasCount });
    return {
      data,
      place: (path) => at(follow(document, path).value),
      keyPlace: (path) => at(follow(document, path).key),
    };
  } catch (error) {
    if (error instanceof ConfigurationError) throw error;
    if (error instanceof RangeError) throw refuse('nested too deeply', 0, error);
    if (error instanceof ReferenceError) throw refuse(`aliases: ${clean(error.message)}`, 0, error);
    throw error;
  }
}

function syntax(code: string, message: string, rest: string): string {
  switch (code) {
    case 'DUPLICATE_KEY':
      return `duplicate key ${clean(/^[^\s:]{0,64}/.exec(rest)?.[0] ?? '')}; keep one of them`;
    case 'MULTIPLE_DOCS':
      return 'a second document begins here; a configuration is one document';
    default:
      return `not valid YAML: ${clean(message)}`;
  }
}

/** Offsets of the last key and of the value; of the last ones found when the path goes on beyond the document. */
function follow(document: Document, path: Path): { readonly key: number; readonly value: number } {
  let node: unknown = document.contents;
  let found = { key: start(node), value: start(node) };
  for (const step of path) {
    const next = enter(document, node, step);
    if (!next) break;
    node = next.value;
    found = {
      key: start(next.key),
      value: isMap(node) || isSeq(node) ? start(next.key) : start(node, next.key),
    };
  }
  return found;
}

function enter(
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

function start(node: unknown, otherwise?: unknown): number {
  const [offset] = (isNode(node) && (node as Node).range) || [];
  return offset ?? (otherwise === undefined ? 0 : start(otherwise));
}
