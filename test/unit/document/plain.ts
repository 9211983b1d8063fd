/** A parsed document as plain values, for comparison with other parsers. */
import type { DocumentNode } from '../../../src/document/node.ts';

export function plain(node: DocumentNode): unknown {
  if (node.kind === 'scalar') return node.value;
  if (node.kind === 'array') return node.items.map(plain);
  const result = Object.create(null) as Record<string, unknown>;
  for (const [key, { value }] of node.members) result[key] = plain(value);
  return result;
}
