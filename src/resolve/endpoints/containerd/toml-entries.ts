/** Where the statements of a TOML document stand, in file order: smol-toml gives values without positions or order. For documents that it has accepted. */
import { parse } from 'smol-toml';

/** `[table]`, `[[array]]`, or `key = value`. */
export interface TomlEntry {
  readonly kind: 'table' | 'array' | 'key';
  /** For a key including the table it stands in. */
  readonly path: readonly string[];
  /** From 1. */
  readonly line: number;
}

/** All statements of `text`; keys inside inline tables are part of their value. */
export function tomlEntries(text: string): readonly TomlEntry[] {
  const entries: TomlEntry[] = [];
  let table: readonly string[] = [];
  let line = 1;
  for (let at = 0; at < text.length; ) {
    const end = statementEnd(text, at);
    const statement = text.slice(at, end);
    const entry = parseStatement(statement.trim(), table, line);
    if (entry) entries.push(entry);
    if (entry && entry.kind !== 'key') table = entry.path;
    line += statement.split('\n').length - 1;
    at = end;
  }
  return entries;
}

/** Line of the first statement at or under a path of at most seven parts; null where there is none. */
export type Lines = (path: readonly string[]) => number | null;

export function linesOf(entries: readonly TomlEntry[]): Lines {
  const lines = new Map<string, number>();
  for (const { path, line } of entries) {
    // Deeper paths are never asked for, and the prefixes of a very long one would take quadratic memory.
    for (let depth = 1; depth <= Math.min(path.length, 7); depth++) {
      const key = JSON.stringify(path.slice(0, depth));
      if (!lines.has(key)) lines.set(key, line);
    }
  }
  return (path) => lines.get(JSON.stringify(path)) ?? null;
}

function parseStatement(statement: string, table: readonly string[], line: number): TomlEntry | null {
  if (statement === '' || statement.startsWith('#')) return null;
  if (statement.startsWith('[[')) return { kind: 'array', path: keyPath(statement.slice(2), ']'), line };
  if (statement.startsWith('[')) return { kind: 'table', path: keyPath(statement.slice(1), ']'), line };
  return { kind: 'key', path: [...table, ...keyPath(statement, '=')], line };
}

/** Position after the newline that ends the statement at `from`: the first one outside strings and brackets. */
function statementEnd(text: string, from: number): number {
  let depth = 0;
  let at = from;
  while (at < text.length) {
    const character = text.charAt(at);
    if (character === '"' || character === "'") at = stringEnd(text, at);
    else if (character === '#') at = lineEnd(text, at);
    else if (character === '\n' && depth === 0) return at + 1;
    else {
      if (character === '[' || character === '{') depth++;
      if (character === ']' || character === '}') depth--;
      at++;
    }
  }
  return at;
}

function lineEnd(text: string, at: number): number {
  const newline = text.indexOf('\n', at);
  return newline < 0 ? text.length : newline;
}

/** Position after the string, of any of TOML's four kinds, that starts at `from`. */
function stringEnd(text: string, from: number): number {
  const quote = text.charAt(from);
  const delimiter = text.startsWith(quote.repeat(3), from) ? quote.repeat(3) : quote;
  let at = from + delimiter.length;
  while (at < text.length && !text.startsWith(delimiter, at)) {
    at += quote === '"' && text.charAt(at) === '\\' ? 2 : 1;
  }
  at += delimiter.length;
  // Up to two quotes may stand right before the closing three.
  while (delimiter.length === 3 && text.charAt(at) === quote) at++;
  return at;
}

/** The dotted key that `text` starts with, up to `stop`; the parser itself undoes quotes and escapes. */
function keyPath(text: string, stop: string): readonly string[] {
  let at = 0;
  while (at < text.length && text.charAt(at) !== stop) {
    at = /["']/.test(text.charAt(at)) ? stringEnd(text, at) : at + 1;
  }
  const path: string[] = [];
  let value: unknown = parse(`${text.slice(0, at)}=0`);
  while (typeof value === 'object' && value !== null) {
    const [entry] = Object.entries(value);
    if (!entry) break;
    path.push(entry[0]);
    value = entry[1];
  }
  return path;
}
