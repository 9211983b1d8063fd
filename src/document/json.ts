/**
 * JSON parser that records the position of every value, for messages about configuration files. `JSON.parse`
 * is faster and is used for requests and registry responses.
 */
import { DocumentError, type Position } from './document-error.ts';
import { type DocumentNode, maxDepth, type Member } from './node.ts';

const scalar =
  '"(?:[^"\\\\\\u0000-\\u001f]|\\\\(?:["\\\\/bfnrt]|u[0-9a-fA-F]{4}))*"|(?:-?(?:0|[1-9]\\d*)(?:\\.\\d+)?(?:[eE][+-]?\\d+)?|true|false|null)(?![\\w.+-])';

/**
 * Parses strict JSON. If several members have one name, the last one counts. Throws `DocumentError`
 * (`SYNTAX`).
 */
export function parseJson(text: string): DocumentNode {
  const scanner = new Scanner(text);
  const node = parseValue(scanner, 0);
  if (!scanner.atEnd()) throw syntax(scanner.position(), 'unexpected text after the end of the JSON value');
  return node;
}

function syntax(position: Position, message: string): DocumentError {
  return new DocumentError('SYNTAX', message, position);
}

function parseValue(scanner: Scanner, depth: number): DocumentNode {
  const position = scanner.position();
  if (depth > maxDepth) throw syntax(position, `more than ${maxDepth} levels deep`);
  if (scanner.takes('{')) return { ...position, kind: 'object', members: parseMembers(scanner, depth + 1) };
  if (scanner.takes('[')) return { ...position, kind: 'array', items: parseItems(scanner, depth + 1) };
  const text = scanner.scalar('a value');
  const value = JSON.parse(text) as string | number | boolean | null;
  return { ...position, kind: 'scalar', value, text: typeof value === 'string' ? value : text };
}

function parseMembers(scanner: Scanner, depth: number): ReadonlyMap<string, Member> {
  const found = new Map<string, Member>();
  if (scanner.takes('}')) return found;
  do {
    const key = scanner.position();
    const name = scanner.scalar('a member name in double quotes');
    if (!name.startsWith('"')) throw syntax(key, 'expected a member name in double quotes');
    scanner.expect(':');
    found.set(JSON.parse(name) as string, { key, value: parseValue(scanner, depth) });
  } while (scanner.takes(','));
  scanner.expect('}');
  return found;
}

function parseItems(scanner: Scanner, depth: number): readonly DocumentNode[] {
  const found: DocumentNode[] = [];
  if (scanner.takes(']')) return found;
  do found.push(parseValue(scanner, depth));
  while (scanner.takes(','));
  scanner.expect(']');
  return found;
}

/** Cursor over the text that skips white space and counts lines. */
class Scanner {
  readonly #text: string;
  readonly #token = new RegExp(scalar, 'y');
  #at = 0;
  #line = 1;
  #lineStart = 0;

  constructor(text: string) {
    this.#text = text;
    this.#skipSpace();
  }

  position(): Position {
    return { line: this.#line, column: this.#at - this.#lineStart + 1 };
  }

  atEnd(): boolean {
    return this.#at === this.#text.length;
  }

  takes(mark: string): boolean {
    if (this.#text[this.#at] !== mark) return false;
    this.#advance(1);
    return true;
  }

  expect(mark: string): void {
    if (!this.takes(mark)) throw this.#unexpected(`"${mark}"`);
  }

  scalar(wanted: string): string {
    this.#token.lastIndex = this.#at;
    const [found] = this.#token.exec(this.#text) ?? [];
    if (found === undefined) throw this.#unexpected(wanted);
    this.#advance(found.length);
    return found;
  }

  #unexpected(wanted: string): DocumentError {
    const got = this.atEnd() ? 'the end of the file' : JSON.stringify(this.#text[this.#at]);
    return syntax(this.position(), `expected ${wanted}, found ${got}`);
  }

  #advance(length: number): void {
    this.#at += length;
    this.#skipSpace();
  }

  #skipSpace(): void {
    for (; ' \t\r\n'.includes(this.#text[this.#at] ?? 'x'); this.#at++) {
      if (this.#text[this.#at] !== '\n') continue;
      this.#line++;
      this.#lineStart = this.#at + 1;
    }
  }
}
