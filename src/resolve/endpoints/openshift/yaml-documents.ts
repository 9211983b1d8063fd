/** YAML documents → values that know where they stand. Aliases are refused: no manifest needs them, and they can grow without bound. */
import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, parseAllDocuments } from 'yaml';
import type { JsonNode, Place } from '../../../document/json.ts';
import { MirrorConfigError } from '../mirror-config-error.ts';

const maxDepth = 64;

/** Empty documents are left out. Throws `MirrorConfigError`. */
export function parseYamlDocuments(text: string, file: string): readonly JsonNode[] {
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false, schema: 'core' });
  if (!Array.isArray(documents)) return [];
  return documents.flatMap((document: Document.Parsed) => {
    const [error] = document.errors;
    if (error) throw syntax(placeOf(error.pos[0], lines), file, error.message);
    const node = convert(document.contents, lines, file, 0);
    return node.kind === 'scalar' && node.value === null ? [] : [node];
  });
}

function convert(node: unknown, lines: LineCounter, file: string, depth: number): JsonNode {
  const at = placeOf(startOf(node), lines);
  if (depth > maxDepth) throw syntax(at, file, `more than ${maxDepth} levels deep`);
  if (isAlias(node)) throw syntax(at, file, 'aliases (*name) are not supported; write the value out');
  if (isSeq(node))
    return { ...at, kind: 'array', items: node.items.map((item) => convert(item, lines, file, depth + 1)) };
  if (!isMap(node)) return { ...at, kind: 'scalar', value: isScalar(node) ? scalar(node.value) : null };
  const members = node.items.map(({ key, value }): [string, JsonNode] => [
    isScalar(key) ? String(key.value) : '',
    value === null ? { ...at, kind: 'scalar', value } : convert(value, lines, file, depth + 1),
  ]);
  return { ...at, kind: 'object', members: new Map(members) };
}

function scalar(value: unknown): string | number | boolean | null {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;
}

function startOf(node: unknown): number {
  return (node as { range?: readonly number[] | null } | null)?.range?.[0] ?? 0;
}

function placeOf(offset: number, lines: LineCounter): Place {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(1, line), column: Math.max(1, col) };
}

function syntax(at: Place, file: string, why: string): MirrorConfigError {
  return new MirrorConfigError(
    'SYNTAX',
    { file, line: at.line, column: at.column },
    `not valid YAML: ${why}`,
  );
}
