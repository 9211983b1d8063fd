/** Values of a JSON, YAML or TOML document with their positions. */
import type { Position } from './document-error.ts';

export type Scalar = string | number | boolean | Date | null;

export interface ObjectNode extends Position {
  readonly kind: 'object';
  readonly members: ReadonlyMap<string, Member>;
}

export interface Member {
  /** Position of the key. */
  readonly key: Position;
  readonly value: DocumentNode;
}

export interface ArrayNode extends Position {
  readonly kind: 'array';
  readonly items: readonly DocumentNode[];
}

export interface ScalarNode extends Position {
  readonly kind: 'scalar';
  readonly value: Scalar;
  /** The text in the document, so that a reader can accept an unquoted `0123` as text. */
  readonly text: string;
}

export type DocumentNode = ObjectNode | ArrayNode | ScalarNode;

/**
 * Limit of nesting. Deeper documents are rejected, because no configuration nests like this and the readers
 * recurse.
 */
export const maxDepth = 64;
