/**
 * TOML parser that records the position of every value and the statements in file order, because some readers
 * depend on the order of table headers.
 */
import { type AST, ParseError, parseTOML } from 'toml-eslint-parser';
import { DocumentError, type Position } from './document-error.ts';
import type { DocumentNode, Member, ObjectNode, ScalarNode } from './node.ts';

/** One `[table]`, `[[array]]` or `key = value`. `path` includes the table that contains the key. */
export interface TomlStatement extends Position {
  readonly kind: 'table' | 'array' | 'key';
  readonly path: readonly string[];
}

export interface TomlDocument {
  readonly root: ObjectNode;
  readonly statements: readonly TomlStatement[];
}

/** Parses TOML. Throws `DocumentError` (`SYNTAX`). */
export function parseToml(text: string): TomlDocument {
  const [{ body }] = program(text).body;
  const root = new Table({ line: 1, column: 1 });
  const statements: TomlStatement[] = [];
  for (const node of body) {
    const at = positionOf(node);
    if (node.type === 'TOMLKeyValue') {
      statements.push({ ...at, kind: 'key', path: namesOf(node.key) });
      root.assign(node);
      continue;
    }
    const path = namesOf(node.key);
    const table = root.enter(node.resolvedKey, at);
    statements.push({ ...at, kind: node.kind === 'array' ? 'array' : 'table', path });
    for (const each of node.body) {
      statements.push({ ...positionOf(each), kind: 'key', path: [...path, ...namesOf(each.key)] });
      table.assign(each);
    }
  }
  return { root: root.node, statements };
}

function program(text: string): AST.TOMLProgram {
  try {
    return parseTOML(text);
  } catch (error) {
    if (error instanceof ParseError) {
      const why = `not valid TOML: ${error.message}`;
      throw new DocumentError('SYNTAX', why, errorPosition(error, text), { cause: error });
    }
    // The parser recurses, so deep nesting overflows the stack.
    if (error instanceof RangeError) {
      throw new DocumentError('SYNTAX', 'not valid TOML: nested too deeply', null, { cause: error });
    }
    throw error;
  }
}

/**
 * Returns the position of a syntax error. The parser reports what is missing at the end of a line at the
 * start of the next line, which is corrected here; the reported position of a duplicate key is right.
 */
function errorPosition({ lineNumber, column, message }: ParseError, text: string): Position {
  if (column > 0 || lineNumber === 1 || message.includes('multiple times')) {
    return { line: lineNumber, column: column + 1 };
  }
  const line = text.split('\n')[lineNumber - 2] ?? '';
  return { line: lineNumber - 1, column: line.length + 1 };
}

/** Table that is filled while the document is read. Its position is that of its first statement. */
class Table {
  readonly node: ObjectNode;
  readonly #members = new Map<string, Member>();
  readonly #tables = new Map<string, Table | Table[]>();

  constructor(position: Position) {
    this.node = { ...position, kind: 'object', members: this.#members };
  }

  /**
   * Returns the table at `path`, in which a number is an index into an array of tables. Missing tables are
   * created at `position`.
   */
  enter(path: readonly (string | number)[], position: Position): Table {
    const [name, index, ...rest] = path;
    if (name === undefined) return this;
    if (typeof index !== 'number') return this.#table(String(name), position).enter(path.slice(1), position);
    return this.#element(String(name), index, position).enter(rest, position);
  }

  assign({ key, value, ...node }: AST.TOMLKeyValue): void {
    const position = positionOf(node);
    const names = namesOf(key);
    const last = names.at(-1) ?? '';
    this.enter(names.slice(0, -1), position).#set(last, position, convert(value));
  }

  #set(name: string, key: Position, value: DocumentNode): void {
    this.#members.set(name, { key, value });
  }

  #table(name: string, position: Position): Table {
    const known = this.#tables.get(name);
    if (known instanceof Table) return known;
    const table = new Table(position);
    this.#tables.set(name, table);
    this.#set(name, position, table.node);
    return table;
  }

  #element(name: string, index: number, position: Position): Table {
    const known = this.#tables.get(name);
    const tables = Array.isArray(known) ? known : [];
    const table = tables[index] ?? new Table(position);
    tables[index] = table;
    this.#tables.set(name, tables);
    const [first = table] = tables;
    const { line, column } = first.node;
    this.#set(name, first.node, { line, column, kind: 'array', items: tables.map(({ node }) => node) });
    return table;
  }
}

function convert(node: AST.TOMLContentNode): DocumentNode {
  const at = positionOf(node);
  switch (node.type) {
    case 'TOMLArray':
      return { ...at, kind: 'array', items: node.elements.map(convert) };
    case 'TOMLInlineTable': {
      const table = new Table(at);
      for (const each of node.body) table.assign(each);
      return table.node;
    }
    case 'TOMLValue':
      return { ...at, kind: 'scalar', value: node.value, text: textOf(node) };
    default:
      return node satisfies never;
  }
}

function textOf(node: AST.TOMLValue): ScalarNode['text'] {
  return node.kind === 'integer' || node.kind === 'float' ? node.number : String(node.value);
}

function namesOf({ keys }: AST.TOMLKey): readonly string[] {
  return keys.map((key) => (key.type === 'TOMLBare' ? key.name : key.value));
}

function positionOf({ loc: { start } }: Pick<AST.TOMLNode, 'loc'>): Position {
  return { line: start.line, column: start.column + 1 };
}
