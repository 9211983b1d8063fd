/** A value of a YAML file that knows where it stands, read with the types of a Go struct. Nothing here knows registries. */
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
import type { ConfigSource } from '../endpoint.ts';
import { MirrorConfigError } from '../mirror-config-error.ts';

/** More entries in one map or list are refused, so that aliases cannot multiply a small file. */
const maxEntries = 1000;

/** The root of the one document in `text`. Throws `MirrorConfigError` `SYNTAX`. */
export function parseYamlValue(text: string, file: string): YamlValue {
  const lines = new LineCounter();
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(1, line), column: Math.max(1, col) };
  };
  try {
    // YAML 1.1, and of a key given twice the last counts: so does the Go library that k3s uses.
    const options = { version: '1.1', uniqueKeys: false, lineCounter: lines, prettyErrors: false } as const;
    const document = parseDocument(text, options);
    const [error] = document.errors;
    if (error) throw new MirrorConfigError('SYNTAX', at(error.pos[0]), error.message, { cause: error });
    return new YamlValue(document.contents, document, at);
  } catch (error) {
    // The parser recurses.
    if (error instanceof RangeError) throw new MirrorConfigError('SYNTAX', at(0), 'nested too deeply');
    throw error;
  }
}

type Place = ConfigSource & { readonly line: number; readonly column: number };

/** What is absent or null reads as empty; what has another type throws `MirrorConfigError` `INVALID`. */
export class YamlValue {
  readonly #node: Node | null;
  readonly #document: Document;
  readonly #at: (offset: number) => Place;

  constructor(node: unknown, document: Document, at: (offset: number) => Place) {
    const resolved = isAlias(node) ? node.resolve(document) : node;
    this.#node = isNode(resolved) ? resolved : null;
    this.#document = document;
    this.#at = at;
  }

  get isNull(): boolean {
    return this.#node === null || (isScalar(this.#node) && this.#node.value === null);
  }

  get source(): ConfigSource {
    const { file, line } = this.#place();
    return { file, line };
  }

  /** Keys as they are written. Entries of a merged map (`<<`) come first, so that own ones replace them. */
  entries(): ReadonlyMap<string, YamlValue> {
    if (this.isNull) return new Map();
    if (!isMap(this.#node)) throw this.#wrong('a map');
    if (this.#node.items.length > maxEntries) throw this.#wrong(`a map of at most ${maxEntries} entries`);
    const own = this.#node.items.map(({ key, value }): [string, YamlValue] => [
      this.#child(key).text(),
      this.#child(value),
    ]);
    const merged = own.filter(([key]) => key === '<<').flatMap(([, value]) => [...value.entries()]);
    return new Map([...merged, ...own.filter(([key]) => key !== '<<')]);
  }

  items(): readonly YamlValue[] {
    if (this.isNull) return [];
    if (!isSeq(this.#node)) throw this.#wrong('a list');
    if (this.#node.items.length > maxEntries) throw this.#wrong(`a list of at most ${maxEntries} entries`);
    return this.#node.items.map((item) => this.#child(item));
  }

  /** A password `0123` or `yes` stays the text that it is. */
  text(): string {
    if (this.isNull) return '';
    if (!isScalar(this.#node)) throw this.#wrong('a string');
    return typeof this.#node.value === 'string' ? this.#node.value : (this.#node.source ?? '');
  }

  flag(): boolean {
    if (this.isNull) return false;
    if (isScalar(this.#node) && typeof this.#node.value === 'boolean') return this.#node.value;
    throw this.#wrong('true or false');
  }

  #child(node: unknown): YamlValue {
    return new YamlValue(node, this.#document, this.#at);
  }

  #place(): Place {
    return this.#at(this.#node?.range?.[0] ?? 0);
  }

  /** Without the value itself, which may be a password. */
  #wrong(what: string): MirrorConfigError {
    return new MirrorConfigError('INVALID', this.#place(), `${what} is wanted here`);
  }
}
