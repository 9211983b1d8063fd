/** YAML parser that records the position of every value. */
import { type Document, isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseAllDocuments } from 'yaml';
import { DocumentError, type Position } from './document-error.ts';
import { type DocumentNode, maxDepth, type Member } from './node.ts';

/**
 * `manifest` is for Kubernetes objects: aliases are rejected because no manifest needs them. `go-yaml` reads
 * like go-yaml version 2: YAML 1.1 with merge keys, and the last of several keys with one name counts.
 */
export type YamlDialect = 'manifest' | 'go-yaml';

// Limit of values. Aliases can multiply a small file; no mirror configuration comes near this number.
const maxValues = 100_000;

/** Parses all documents in `text` and omits empty ones. Throws `DocumentError` (`SYNTAX`). */
export function parseYamlDocuments(text: string, dialect: YamlDialect): readonly DocumentNode[] {
  const lines = new LineCounter();
  const options = { lineCounter: lines, prettyErrors: false, logLevel: 'silent' } as const;
  try {
    const documents = parseAllDocuments(text, {
      ...options,
      ...(dialect === 'manifest' ? { schema: 'core' } : { version: '1.1', uniqueKeys: false }),
    });
    if (!Array.isArray(documents)) return [];
    return documents.flatMap((document: Document.Parsed) => {
      const converter = new Converter(document, lines, dialect);
      const [error] = document.errors;
      if (error) throw converter.syntax(error.pos[0], error.message);
      const node = converter.convert(document.contents, 0);
      return node.kind === 'scalar' && node.value === null ? [] : [node];
    });
  } catch (error) {
    // The parser recurses, so deep nesting overflows the stack.
    if (error instanceof RangeError) {
      throw new DocumentError('SYNTAX', 'not valid YAML: nested too deeply', null, { cause: error });
    }
    throw error;
  }
}

class Converter {
  readonly #document: Document;
  readonly #lines: LineCounter;
  readonly #dialect: YamlDialect;
  #values = 0;

  constructor(document: Document, lines: LineCounter, dialect: YamlDialect) {
    this.#document = document;
    this.#lines = lines;
    this.#dialect = dialect;
  }

  convert(node: unknown, depth: number): DocumentNode {
    const offset = offsetOf(node) ?? 0;
    if (depth > maxDepth) throw this.syntax(offset, `more than ${maxDepth} levels deep`);
    if (++this.#values > maxValues && this.#dialect === 'go-yaml') {
      throw this.syntax(offset, `more than ${maxValues} values, counted with aliases`);
    }
    if (isAlias(node)) return this.convert(this.#resolve(node.resolve(this.#document), offset), depth + 1);
    const at = this.#position(offset);
    if (isMap(node)) return { ...at, kind: 'object', members: this.#members(node.items, depth + 1) };
    if (isSeq(node)) {
      return { ...at, kind: 'array', items: node.items.map((item) => this.convert(item, depth + 1)) };
    }
    const value = isScalar(node) ? scalar(node.value) : null;
    const text = typeof value === 'string' ? value : isScalar(node) ? (node.source ?? '') : '';
    return { ...at, kind: 'scalar', value, text };
  }

  syntax(offset: number, why: string): DocumentError {
    return new DocumentError('SYNTAX', `not valid YAML: ${why}`, this.#position(offset));
  }

  /** Members of merged maps (`<<`) come first, so that the map's own members replace them. */
  #members(
    items: readonly { readonly key: unknown; readonly value: unknown }[],
    depth: number,
  ): ReadonlyMap<string, Member> {
    const own: (readonly [string, Member])[] = [];
    const merged: (readonly [string, Member])[] = [];
    for (const { key, value } of items) {
      const name = this.convert(key, depth);
      const node = this.convert(value, depth);
      const text = name.kind === 'scalar' ? name.text : '';
      if (text === '<<' && this.#dialect === 'go-yaml') merged.push(...membersOf(node));
      else own.push([text, { key: name, value: value === null ? { ...node, ...positionOf(name) } : node }]);
    }
    return new Map([...merged, ...own]);
  }

  #resolve(target: unknown, offset: number): unknown {
    if (this.#dialect === 'manifest') {
      throw this.syntax(offset, 'aliases (*name) are not supported; write the value out');
    }
    return target;
  }

  #position(offset: number): Position {
    const { line, col } = this.#lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  }
}

function membersOf(node: DocumentNode): readonly (readonly [string, Member])[] {
  if (node.kind === 'object') return [...node.members];
  return node.kind === 'array' ? node.items.toReversed().flatMap(membersOf) : [];
}

function scalar(value: unknown): string | number | boolean | null {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;
}

function positionOf({ line, column }: Position): Position {
  return { line, column };
}

function offsetOf(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined;
}
