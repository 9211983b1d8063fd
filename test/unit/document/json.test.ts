import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { JsonError, type JsonNode, parseJson } from '../../../src/document/json.ts';

function plain(node: JsonNode): unknown {
  if (node.kind === 'scalar') return node.value;
  if (node.kind === 'array') return node.items.map(plain);
  const result = Object.create(null) as Record<string, unknown>;
  for (const [key, value] of node.members) result[key] = plain(value);
  return result;
}

function failure(text: string): { line: number; column: number; message: string } {
  try {
    parseJson(text);
  } catch (error) {
    if (error instanceof JsonError) return { line: error.line, column: error.column, message: error.message };
    throw error;
  }
  throw new Error(`${text} was accepted`);
}

describe('JSON with places', () => {
  test('reads everything that JSON.parse reads, to the same values', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 6 }), fc.constantFrom(undefined, 2, '\t'), (text, indent) => {
        const value: unknown = JSON.parse(text);
        expect(JSON.stringify(plain(parseJson(JSON.stringify(value, null, indent))))).toBe(
          JSON.stringify(value),
        );
      }),
    );
  });

  test('refuses exactly what JSON.parse refuses', () => {
    const piece = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"a"',
      '1',
      '-',
      '01',
      'true',
      'nul',
      ' ',
      '\n',
      '"\\x"',
      '1e3',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const text = pieces.join('');
        const accepts = (parse: (text: string) => unknown): boolean => {
          try {
            parse(text);
            return true;
          } catch {
            return false;
          }
        };
        expect(accepts(parseJson)).toBe(accepts(JSON.parse));
      }),
      { numRuns: 2_000 },
    );
  });

  test('every value knows its line and column', () => {
    const root = parseJson('{\r\n  "list": [\n\t"x",\n    "y"]\n}');
    const list = root.kind === 'object' ? root.members.get('list') : undefined;
    expect(list).toMatchObject({ line: 2, column: 11 });
    expect(list?.kind === 'array' && list.items).toMatchObject([
      { line: 3, column: 2 },
      { line: 4, column: 5 },
    ]);
  });

  test('of a member given twice the last counts, and __proto__ is a name like any other', () => {
    const root = parseJson('{"a": 1, "__proto__": 2, "a": 3}');
    expect(root.kind === 'object' && [...root.members].map(([key, node]) => [key, plain(node)])).toEqual([
      ['a', 3],
      ['__proto__', 2],
    ]);
  });

  test.each([
    ['a missing comma', '{\n  "a": 1\n  "b": 2\n}', 3, 3],
    ['a trailing comma', '[1,\n]', 2, 1],
    ['an unfinished file', '{"a": [1', 1, 9],
    ['a comment', '// mirrors\n{}', 1, 1],
    ['single quotes', "{'a': 1}", 1, 2],
    ['a bare name', '{a: 1}', 1, 2],
    ['a number as name', '{1: 2}', 1, 2],
    ['a second value', '{} {}', 1, 4],
    ['a line break inside a string', '["a\nb"]', 1, 2],
    ['nothing at all', '', 1, 1],
  ])('%s is refused where it stands', (_, text, line, column) => {
    expect(failure(text)).toMatchObject({ line, column });
  });

  test('says what was expected', () => {
    expect(failure('[1 2]').message).toBe('expected "]", found "2"');
    expect(failure('{"a"').message).toBe('expected ":", found the end of the file');
  });

  test('depth is bounded', () => {
    expect(failure('['.repeat(100_000)).message).toMatch(/levels deep/);
  });
});
