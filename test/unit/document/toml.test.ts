import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { parse, stringify } from 'smol-toml';
import { DocumentError } from '../../../src/document/document-error.ts';
import { DocumentValue } from '../../../src/document/document-value.ts';
import { parseToml } from '../../../src/document/toml.ts';
import { plain } from './plain.ts';

const shown = (text: string) =>
  parseToml(text).statements.map(({ kind, path, line }) => [line, kind, path.join('>')]);

function valueOf(text: string): DocumentValue {
  const options = { file: 'a.toml', ignoreCase: false, anyScalarIsText: false };
  return new DocumentValue(parseToml(text).root, options);
}

const key = fc.oneof(
  fc.string({ minLength: 1 }),
  fc.constantFrom('__proto__', 'a.b', '"', "'", ']', '#', '\n'),
);
const leaf = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.array(fc.string()));
const documents = fc.dictionary(
  key,
  fc.oneof(leaf, fc.dictionary(key, leaf), fc.array(fc.dictionary(key, leaf))),
);

describe('statements', () => {
  test('are tables, arrays of tables and keys, each with its line', () => {
    expect(shown('a = 1\n\n# note\n[b]\nc.d = 2 # note\n[[e.f]]\n  g = 3\n')).toEqual([
      [1, 'key', 'a'],
      [4, 'table', 'b'],
      [5, 'key', 'b>c>d'],
      [6, 'array', 'e>f'],
      [7, 'key', 'e>f>g'],
    ]);
  });

  test('have keys without quotes and escapes', () => {
    expect(shown('[ host . "https://a]b=\\u0063" ]\n\'x.y\' = 1\n"#" = 2')).toEqual([
      [1, 'table', 'host>https://a]b=c'],
      [2, 'key', 'host>https://a]b=c>x.y'],
      [3, 'key', 'host>https://a]b=c>#'],
    ]);
  });

  test.each([
    ['a list over several lines', 'a = [\n  "]", # ]\n  [1],\n]\n'],
    ['an inline table', 'a = { b = "}\\"", c = [1] }\n\n\n'],
    ['a string over several lines', 'a = """\n[x]\n\\""" "" \n"""\n'],
    ['a string that ends in quotes', 'a = """\n\n""x"""""\n'],
    ['a literal string over several lines', "a = '''\n[x]\\''''\n\n\n"],
    ['an empty string', 'a = ""\nb = \'\'\n\n\n'],
    ['carriage returns', 'a = 1\r\n\r\n\r\n\r\n'],
  ])('after %s have the right line', (_, text) => {
    expect(() => parse(text)).not.toThrow();
    const padded = `${text}[after]\n`;
    const line = padded.split('\n').indexOf('[after]') + 1;
    expect(shown(padded).at(-1)).toEqual([line, 'table', 'after']);
  });
});

describe('values', () => {
  test('are those of another parser, for any document', () => {
    fc.assert(
      fc.property(documents, (document) => {
        const text = stringify(document);
        expect(JSON.stringify(plain(parseToml(text).root))).toBe(JSON.stringify(parse(text)));
      }),
    );
  });

  test('stand where the first statement at or under them stands', () => {
    const root = valueOf('[a.b]\nc = 1\n[a]\nd = 2\n[[e]]\nf = 3\n[[e]]\n\nf = 4\n');
    const [first, second] = root.get('e').items();
    expect([root.get('a'), root.get('a').get('d'), root.get('e')].map(({ source }) => source.line)).toEqual([
      1, 4, 5,
    ]);
    expect([first?.get('f').source.line, second?.source.line, second?.get('f').source.line]).toEqual([
      6, 7, 9,
    ]);
  });

  test('of inline tables and dotted keys have positions too', () => {
    const root = valueOf('a.b = 1\nc = { d = [\n  2,\n  3 ] }\n');
    expect(root.get('a').get('b').source.line).toBe(1);
    expect(
      root
        .get('c')
        .get('d')
        .items()
        .map(({ position }) => position),
    ).toEqual([
      { line: 3, column: 3 },
      { line: 4, column: 3 },
    ]);
  });
});

describe('a broken document', () => {
  test.each([
    ['a value that is missing', 'a = 1\nb = \n', 2, 5],
    ['a key given twice', 'a = 1\na = 2\n', 2, 1],
    ['a table given twice', '[a]\n[a]\n', 2, 2],
  ])('with %s is rejected where it is broken', (_, text, line, column) => {
    const error = thrownBy(() => parseToml(text));
    expect(error).toMatchObject({ name: 'DocumentError', code: 'SYNTAX', position: { line, column } });
  });

  test('that nests too deep is rejected', () => {
    expect(thrownBy(() => parseToml(`a = ${'['.repeat(50_000)}`))).toMatchObject({ code: 'SYNTAX' });
  });
});

function thrownBy(read: () => unknown): DocumentError | null {
  try {
    read();
  } catch (error) {
    if (error instanceof DocumentError) return error;
    throw error;
  }
  return null;
}
