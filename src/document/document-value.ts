/**
 * Value of a configuration file, read with the types of a Go struct: an absent value or null reads as empty,
 * and a value of another type is an error with its position. Error messages never repeat the value, which may
 * be a password.
 */
import { DocumentError, type Position, positioned } from './document-error.ts';
import type { DocumentNode, Member } from './node.ts';

/** Key that the reader of the document does not know. */
export interface UnknownKey {
  readonly name: string;
  readonly position: Position;
  readonly source: DocumentSource;
}

/** Position of a value in its file. `line` is null if the value is absent. */
export interface DocumentSource {
  readonly file: string;
  readonly line: number | null;
}

export interface DocumentOptions {
  /** Name of the file in sources. */
  readonly file: string;
  /** True if member names match regardless of case, as in Go's decoders of TOML and JSON. */
  readonly ignoreCase: boolean;
  /**
   * True if any scalar is accepted as a string exactly as written, as in go-yaml: a password `0123` or `yes`
   * stays that text.
   */
  readonly anyScalarIsText: boolean;
}

export class DocumentValue {
  readonly #node: DocumentNode | null;
  readonly #name: string;
  readonly #options: DocumentOptions;

  /** `name` is the name of the value in error messages. */
  constructor(node: DocumentNode | null, options: DocumentOptions, name = 'the document') {
    this.#node = node;
    this.#options = options;
    this.#name = name;
  }

  /** Returns null if the value is absent. */
  get position(): Position | null {
    return this.#node && { line: this.#node.line, column: this.#node.column };
  }

  /** True if the value is absent or null. */
  get isNull(): boolean {
    return this.#node === null || (this.#node.kind === 'scalar' && this.#node.value === null);
  }

  get isList(): boolean {
    return this.#node?.kind === 'array';
  }

  get isObject(): boolean {
    return this.#node?.kind === 'object';
  }

  get isString(): boolean {
    return this.#node?.kind === 'scalar' && typeof this.#node.value === 'string';
  }

  get source(): DocumentSource {
    return { file: this.#options.file, line: this.#node?.line ?? null };
  }

  /** Returns the member of that name. If several names differ only in case, the last one counts. */
  get(name: string): DocumentValue {
    const member = this.#members().findLast(([key]) => this.#isSame(key, name));
    return this.#child(`"${name}"`, member?.[1].value ?? null);
  }

  has(name: string): boolean {
    return this.#members().some(([key]) => this.#isSame(key, name));
  }

  /** Returns all members by their names as written. */
  entries(): ReadonlyMap<string, DocumentValue> {
    return new Map(this.#members().map(([name, { value }]) => [name, this.#child(`"${name}"`, value)]));
  }

  items(): readonly DocumentValue[] {
    if (this.isNull) return [];
    if (this.#node?.kind !== 'array') throw this.wrongType('a list');
    return this.#node.items.map((item) => this.#child(this.#name, item));
  }

  string(): string {
    if (this.isNull) return '';
    if (this.#node?.kind !== 'scalar') throw this.wrongType('a string');
    const { value, text } = this.#node;
    if (typeof value !== 'string' && !this.#options.anyScalarIsText) throw this.wrongType('a string');
    return text;
  }

  strings(): readonly string[] {
    if (!this.isNull && this.#node?.kind !== 'array') throw this.wrongType('a list of strings');
    return this.items().map((item) => item.string());
  }

  /** Returns null if the value is absent. */
  number(): number | null {
    if (this.isNull) return null;
    if (this.#node?.kind !== 'scalar' || typeof this.#node.value !== 'number')
      throw this.wrongType('a number');
    return this.#node.value;
  }

  boolean(): boolean {
    if (this.isNull) return false;
    if (this.#node?.kind !== 'scalar' || typeof this.#node.value !== 'boolean') {
      throw this.wrongType('true or false');
    }
    return this.#node.value;
  }

  /** Returns the members whose names are not in `known`. */
  unknownKeys(known: readonly string[]): readonly UnknownKey[] {
    return this.#members()
      .filter(([key]) => !known.some((name) => this.#isSame(key, name)))
      .map(([name, { key }]) => ({
        name,
        position: key,
        source: { file: this.#options.file, line: key.line },
      }));
  }

  /**
   * Runs `read`. If it throws a `DocumentError` without a position, the error gets the position of this
   * value.
   */
  check<T>(read: () => T): T {
    return positioned(this.position, read);
  }

  /** Returns an error at the position of this value. */
  invalid(message: string): DocumentError {
    return new DocumentError('INVALID', message, this.position);
  }

  wrongType(wanted: string): DocumentError {
    return this.invalid(`${this.#name} must be ${wanted}`);
  }

  #members(): readonly (readonly [string, Member])[] {
    if (this.isNull) return [];
    if (this.#node?.kind !== 'object') throw this.wrongType('a table');
    return [...this.#node.members];
  }

  #child(name: string, node: DocumentNode | null): DocumentValue {
    return new DocumentValue(node, this.#options, name);
  }

  #isSame(a: string, b: string): boolean {
    return this.#options.ignoreCase ? a.toLowerCase() === b.toLowerCase() : a === b;
  }
}
