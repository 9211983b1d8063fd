/** JSON whose values know where they stand, for messages about configuration files. Not for traffic: `JSON.parse` is faster. */

export interface Place {
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 units. */
  readonly column: number;
}

export type JsonNode =
  | (Place & { readonly kind: 'object'; readonly members: ReadonlyMap<string, JsonNode> })
  | (Place & { readonly kind: 'array'; readonly items: readonly JsonNode[] })
  | (Place & { readonly kind: 'scalar'; readonly value: string | number | boolean | null });

/** The text is no JSON; `line` and `column` tell where it stops being it. */
export class JsonError extends Error {
  override readonly name = 'JsonError';
  readonly code = 'JSON_SYNTAX';
  readonly line: number;
  readonly column: number;
  constructor(at: Place, why: string) {
    super(why);
    this.line = at.line;
    this.column = at.column;
  }
}

const maxDepth = 64;
const scalar =
  '"(?:[^"\\\\\\u0000-\\u001f]|\\\\(?:["\\\\/bfnrt]|u[0-9a-fA-F]{4}))*"|(?:-?(?:0|[1-9]\\d*)(?:\\.\\d+)?(?:[eE][+-]?\\d+)?|true|false|null)(?![\\w.+-])';

/** Strict JSON; of a member given twice the last counts. Throws `JsonError`. */
export function parseJson(text: string): JsonNode {
  const scanner = new Scanner(text);
  const node = value(scanner, 0);
  if (!scanner.atEnd())
    throw new JsonError(scanner.place(), 'unexpected text after the end of the JSON value');
  return node;
}

function value(scanner: Scanner, depth: number): JsonNode {
  const at = scanner.place();
  if (depth > maxDepth) throw new JsonError(at, `more than ${maxDepth} levels deep`);
  if (scanner.takes('{')) return { ...at, kind: 'object', members: members(scanner, depth + 1) };
  if (scanner.takes('[')) return { ...at, kind: 'array', items: items(scanner, depth + 1) };
  return {
    ...at,
    kind: 'scalar',
    value: JSON.parse(scanner.scalar('a value')) as string | number | boolean | null,
  };
}

function members(scanner: Scanner, depth: number): ReadonlyMap<string, JsonNode> {
  const found = new Map<string, JsonNode>();
  if (scanner.takes('}')) return found;
  do {
    const at = scanner.place();
    const key = scanner.scalar('a member name in double quotes');
    if (!key.startsWith('"')) throw new JsonError(at, 'expected a member name in double quotes');
    scanner.expect(':');
    found.set(JSON.parse(key) as string, value(scanner, depth));
  } while (scanner.takes(','));
  scanner.expect('}');
  return found;
}

function items(scanner: Scanner, depth: number): readonly JsonNode[] {
  const found: JsonNode[] = [];
  if (scanner.takes(']')) return found;
  do found.push(value(scanner, depth));
  while (scanner.takes(','));
  scanner.expect(']');
  return found;
}

/** Walks over the text, past white space, and counts its lines. */
class Scanner {
  private readonly text: string;
  private readonly token = new RegExp(scalar, 'y');
  private at = 0;
  private line = 1;
  private lineStart = 0;

  constructor(text: string) {
    this.text = text;
    this.skipSpace();
  }

  place(): Place {
    return { line: this.line, column: this.at - this.lineStart + 1 };
  }

  atEnd(): boolean {
    return this.at === this.text.length;
  }

  takes(mark: string): boolean {
    if (this.text[this.at] !== mark) return false;
    this.advance(1);
    return true;
  }

  expect(mark: string): void {
    if (!this.takes(mark)) throw this.unexpected(`"${mark}"`);
  }

  scalar(wanted: string): string {
    this.token.lastIndex = this.at;
    const [found] = this.token.exec(this.text) ?? [];
    if (found === undefined) throw this.unexpected(wanted);
    this.advance(found.length);
    return found;
  }

  private unexpected(wanted: string): JsonError {
    const got = this.atEnd() ? 'the end of the file' : JSON.stringify(this.text[this.at]);
    return new JsonError(this.place(), `expected ${wanted}, found ${got}`);
  }

  private advance(length: number): void {
    this.at += length;
    this.skipSpace();
  }

  private skipSpace(): void {
    for (; ' \t\r\n'.includes(this.text[this.at] ?? 'x'); this.at++) {
      if (this.text[this.at] !== '\n') continue;
      this.line++;
      this.lineStart = this.at + 1;
    }
  }
}
