import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { DocumentError } from '../../../src/document/document-error.ts';
import { parseJson } from '../../../src/document/json.ts';
import { plain } from './plain.ts';

function failure(text: string): { line: number; column: number; message: string } {
  try {
    parseJson(text);
  } catch (error) {
    if (error instanceof DocumentError && error.position)
      return { ...error.position, message: error.message };
    throw error;
  }
  throw new Error(`${text} was accepted`);
}

describe('parseJson', () => {
  test('gives the values of JSON.parse for everything that it reads', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 6 }), fc.constantFrom(undefined, 2, '\t'), (text, indent) => {
        const value: unknown = JSON.parse(text);
        expect(JSON.stringify(plain(parseJson(JSON.stringify(value, null, indent))))).toBe(
          JSON.stringify(value),
        );
      }),
    );
  });

  test('rejects exactly what JSON.parse rejects', () => {
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

  test('gives every value and key its line and column', () => {
    const root = parseJson('{\r\n  "list": [\n\t"x",\n    "y"]\n}');
    const list = root.kind === 'object' ? root.members.get('list') : undefined;
    expect(list).toMatchObject({ key: { line: 2, column: 3 }, value: { line: 2, column: 11 } });
    expect(list?.value.kind === 'array' && list.value.items).toMatchObject([
      { line: 3, column: 2 },
      { line: 4, column: 5 },
    ]);
  });

  test('takes the last of two members with one name, and __proto__ as a name like any other', () => {
    const root = parseJson('{"a": 1, "__proto__": 2, "a": 3}');
    expect(
      root.kind === 'object' && [...root.members].map(([key, { value }]) => [key, plain(value)]),
    ).toEqual([
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
  ])('%s is rejected where it stands', (_, text, line, column) => {
    expect(failure(text)).toMatchObject({ line, column });
  });

  test('names what it expected in an error', () => {
    expect(failure('[1 2]').message).toBe('expected "]", found "2"');
    expect(failure('{"a"').message).toBe('expected ":", found the end of the file');
  });

  test('rejects documents that nest too deep', () => {
    expect(failure('['.repeat(100_000)).message).toMatch(/levels deep/);
  });
});
