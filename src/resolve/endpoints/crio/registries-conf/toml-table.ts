/** A TOML table read as a Go decoder reads it into a struct: names without regard to case, unknown ones ignored, a wrong type refused. */

import { InvalidSetting } from '../../invalid-setting.ts';
import type { Position } from '../../mirror-config-error.ts';

export class TomlTable {
  readonly at: Position;
  private readonly fields: ReadonlyMap<string, unknown>;

  constructor(table: object, at: Position) {
    this.at = at;
    this.fields = new Map(Object.entries(table).map(([name, value]) => [name.toLowerCase(), value]));
  }

  has(name: string): boolean {
    return this.fields.has(name);
  }

  /** Empty when absent. */
  string(name: string): string {
    return this.typed(name, 'a string', (value) => typeof value === 'string') ?? '';
  }

  /** false when absent. */
  boolean(name: string): boolean {
    return this.typed(name, 'true or false', (value) => typeof value === 'boolean') ?? false;
  }

  /** null when absent, which is not the same as empty. */
  strings(name: string): readonly string[] | null {
    const areStrings = (value: unknown): value is readonly string[] =>
      Array.isArray(value) && value.every((item) => typeof item === 'string');
    return this.typed(name, 'a list of strings', areStrings);
  }

  /** Name → value of a table of strings; null when absent. */
  stringMap(name: string): ReadonlyMap<string, string> | null {
    const areStrings = (value: unknown): value is Readonly<Record<string, string>> =>
      isTable(value) && Object.values(value).every((item) => typeof item === 'string');
    const table = this.typed(name, 'a table of strings', areStrings);
    return table && new Map(Object.entries(table));
  }

  /** An empty table when absent. */
  table(name: string): TomlTable {
    return new TomlTable(this.typed(name, 'a table', isTable) ?? {}, this.at);
  }

  /** An array of tables; `line` tells where the one with that index begins. Empty when absent. */
  tables(name: string, line: (index: number) => number | null): readonly TomlTable[] {
    const areTables = (value: unknown): value is readonly object[] =>
      Array.isArray(value) && value.every(isTable);
    const tables = this.typed(name, `tables, written [[${name}]]`, areTables) ?? [];
    return tables.map((table, index) => new TomlTable(table, { ...this.at, line: line(index) }));
  }

  private typed<T>(name: string, wanted: string, is: (value: unknown) => value is T): T | null {
    const value = this.fields.get(name);
    if (value === undefined) return null;
    if (is(value)) return value;
    throw new InvalidSetting(`"${name}" has to be ${wanted}`);
  }
}

function isTable(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}
