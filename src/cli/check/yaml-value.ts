/**
 * Values of a parsed YAML document as kubectl reads them: with merge keys, the last of duplicate keys, and
 * any number of aliases.
 */
import {
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  type Alias,
  type Document,
  type Node,
  visit,
  type YAMLMap,
} from 'yaml';
import { clean } from '../../util/text/text.ts';
import { resolveScalar } from './yaml-scalar.ts';

/** Error of a value that kubectl rejects. */
export class ManifestValueError extends Error {
  override readonly name = 'ManifestValueError';
  /** Offset in the text. */
  readonly offset: number;
  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

export interface DuplicateKey {
  readonly key: string;
  readonly offset: number;
}

type Members = Record<string, unknown>;

/**
 * Converter of a document, which converts each node once: aliases share the value, so an alias bomb takes no
 * more memory than its text.
 */
export class YamlValue {
  readonly duplicates: DuplicateKey[] = [];
  readonly #document: Document;
  readonly #targets: ReadonlyMap<Alias, Node>;
  readonly #values = new Map<unknown, unknown>();
  readonly #open = new Set<unknown>();

  constructor(document: Document) {
    this.#document = document;
    this.#targets = findTargets(document);
  }

  /**
   * Converts the whole document.
   * @throws {ManifestValueError}
   */
  read(): unknown {
    const value = this.#value(this.#document.contents);
    if (!isFinite(value, new Set())) {
      throw new ManifestValueError('.inf and .nan are not allowed', offsetOf(this.#document.contents));
    }
    return value;
  }

  /** Returns the nodes on `path`, as far as they exist. It does not follow merged keys. */
  nodeAt(path: readonly (string | number)[]): Node | null {
    let node = this.#resolve(this.#document.contents);
    for (const step of path) {
      const next = this.#child(node, step);
      if (next === null) break;
      node = next;
    }
    return node;
  }

  #child(node: Node | null, step: string | number): Node | null {
    if (isSeq(node)) return this.#resolve(node.items[Number(step)]);
    if (!isMap(node)) return null;
    const pair = node.items.findLast(({ key }) => isScalar(key) && keyText(key.value) === String(step));
    return pair ? this.#resolve(pair.value) : null;
  }

  #value(node: unknown): unknown {
    if (isAlias(node)) return this.#value(this.#target(node));
    if (isScalar(node)) return scalarValue(node);
    if (!isMap(node) && !isSeq(node)) return null;
    if (this.#values.has(node)) return this.#values.get(node);
    if (this.#open.has(node)) throw new ManifestValueError('an anchor contains itself', offsetOf(node));
    this.#open.add(node);
    const value = isMap(node) ? this.#members(node) : node.items.map((item) => this.#value(item));
    this.#open.delete(node);
    this.#values.set(node, value);
    return value;
  }

  /**
   * Reads the members in the order of the text, because a merge overrides the keys before it, as in go-yaml
   * v2.
   */
  #members(map: YAMLMap): Members {
    const members: Members = Object.create(null) as Members;
    const own = new Set<string>();
    for (const { key, value } of map.items) {
      if (isScalar(key) && key.type === 'PLAIN' && key.value === '<<') {
        this.#merge(value, members);
        continue;
      }
      const name = this.#key(key);
      if (own.has(name)) this.duplicates.push({ key: name, offset: offsetOf(key) });
      own.add(name);
      members[name] = this.#value(value);
    }
    return members;
  }

  #merge(from: unknown, into: Members): void {
    const node = this.#resolve(from);
    if (isSeq(node)) {
      // Earlier entries take precedence, so they are merged last.
      for (const item of node.items.toReversed()) this.#mergeMap(item, into);
    } else {
      this.#mergeMap(from, into);
    }
  }

  #mergeMap(from: unknown, into: Members): void {
    const node = this.#resolve(from);
    if (!isMap(node)) throw new ManifestValueError('the merge key << needs a mapping', offsetOf(from));
    Object.assign(into, this.#value(node));
  }

  #key(node: unknown): string {
    const key = this.#value(node);
    if (key === null || typeof key === 'object') {
      throw new ManifestValueError('a mapping, a list or null is not allowed as a key', offsetOf(node));
    }
    return keyText(key);
  }

  #resolve(node: unknown): Node | null {
    const target = isAlias(node) ? this.#target(node) : node;
    return isMap(target) || isSeq(target) || isScalar(target) ? target : null;
  }

  #target(alias: Alias): Node {
    const target = this.#targets.get(alias);
    if (target === undefined) {
      throw new ManifestValueError(`unknown anchor ${clean(alias.source, 60)}`, offsetOf(alias));
    }
    return target;
  }
}

/**
 * Finds the node of each alias in one pass. The library's own look-up searches the whole document for each
 * alias.
 */
function findTargets(document: Document): ReadonlyMap<Alias, Node> {
  const anchors = new Map<string, Node>();
  const targets = new Map<Alias, Node>();
  visit(document, {
    Node(_key, node) {
      if (!isAlias(node)) {
        if (node.anchor !== undefined) anchors.set(node.anchor, node);
        return;
      }
      const target = anchors.get(node.source);
      if (target) targets.set(node, target);
    },
  });
  return targets;
}

/**
 * Returns true if the value has no infinite number, because JSON, to which kubectl converts a manifest,
 * cannot express one. Overridden values do not count.
 */
function isFinite(value: unknown, seen: Set<unknown>): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  if (value === null || typeof value !== 'object' || seen.has(value)) return true;
  seen.add(value);
  return Object.values(value).every((member) => isFinite(member, seen));
}

/** Resolves a scalar. It ignores custom tags; `!!str` and quotes keep the text. */
function scalarValue(node: { value: unknown; type?: string | undefined; tag?: string | undefined }): unknown {
  const text = typeof node.value === 'string' ? node.value : '';
  if (node.type !== 'PLAIN' || node.tag !== undefined) return text;
  return resolveScalar(text);
}

function keyText(key: unknown): string {
  return typeof key === 'number'
    ? String(Math.fround(key) === key ? key : Number(key.toPrecision(8)))
    : String(key);
}

/** Returns the offset of a node in the text; 0 if it has none. */
export function offsetOf(node: unknown): number {
  if (isPair(node)) return offsetOf(node.key);
  return (isMap(node) || isSeq(node) || isScalar(node) || isAlias(node) ? node.range?.[0] : undefined) ?? 0;
}
