/** A table of a TOML file that knows where it stands, read with the types of a Go struct. Nothing here knows registries. */
import { parse, TomlError } from 'smol-toml';
import type { ConfigSource } from '../endpoint.ts';
import { MirrorConfigError } from '../mirror-config-error.ts';
import { isTable, type Table } from './hosts-toml/host-table.ts';
import { type Lines, linesOf, tomlEntries } from './toml-entries.ts';

/** The document in `text`. Throws `MirrorConfigError` `SYNTAX`. */
export function parseTomlTable(text: string, file: string): TomlTable {
  try {
    return new TomlTable(parse(text), [], file, linesOf(tomlEntries(text)));
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const [why = ''] = error.message.split('\n');
    const { line, column } = error;
    throw new MirrorConfigError('SYNTAX', { file, line, column }, why, { cause: error });
  }
}

/** What is absent reads as empty; what has another type throws `MirrorConfigError` `INVALID`. */
export class TomlTable {
  readonly #table: Table;
  readonly #path: readonly string[];
  readonly #file: string;
  readonly #lines: Lines;

  constructor(table: Table, path: readonly string[], file: string, lines: Lines) {
    this.#table = table;
    this.#path = path;
    this.#file = file;
    this.#lines = lines;
  }

  get keys(): readonly string[] {
    return Object.keys(this.#table);
  }

  has(key: string): boolean {
    return Object.hasOwn(this.#table, key);
  }

  /** Where `key` stands, or the table where that is not known. */
  source(key: string): ConfigSource {
    return { file: this.#file, line: this.#lines([...this.#path, key]) ?? this.#lines(this.#path) };
  }

  table(key: string): TomlTable {
    const value = this.#value(key) ?? {};
    if (!isTable(value)) throw this.error(key, `${key} is not a table`);
    return new TomlTable(value, [...this.#path, key], this.#file, this.#lines);
  }

  /** The tables under `key`, by name. */
  tables(key: string): ReadonlyMap<string, TomlTable> {
    const parent = this.table(key);
    return new Map(parent.keys.map((name) => [name, parent.table(name)]));
  }

  text(key: string): string {
    const value = this.#value(key) ?? '';
    if (typeof value !== 'string') throw this.error(key, `${key} is not a string`);
    return value;
  }

  texts(key: string): readonly string[] {
    const value = this.#value(key) ?? [];
    if (!Array.isArray(value)) throw this.error(key, `${key} is not a list of strings`);
    return value.map((item: unknown) => {
      if (typeof item !== 'string') throw this.error(key, `${key} is not a list of strings`);
      return item;
    });
  }

  number(key: string): number | null {
    const value = this.#value(key) ?? null;
    if (value !== null && typeof value !== 'number') throw this.error(key, `${key} is not a number`);
    return value;
  }

  flag(key: string): boolean {
    const value = this.#value(key) ?? false;
    if (typeof value !== 'boolean') throw this.error(key, `${key} is not true or false`);
    return value;
  }

  error(key: string, why: string): MirrorConfigError {
    return new MirrorConfigError('INVALID', { ...this.source(key), column: null }, why);
  }

  #value(key: string): unknown {
    return this.has(key) ? this.#table[key] : undefined;
  }
}
