import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { parse, stringify } from 'smol-toml';
import { linesOf, tomlEntries } from '../../../../../src/resolve/endpoints/containerd/toml-entries.ts';

const shown = (text: string) => tomlEntries(text).map(({ kind, path, line }) => [line, kind, path.join('>')]);

describe('tomlEntries', () => {
  test('names tables, arrays of tables and keys, each with its line', () => {
    expect(shown('a = 1\n\n# note\n[b]\nc.d = 2 # note\n[[e.f]]\n  g = 3\n')).toEqual([
      [1, 'key', 'a'],
      [4, 'table', 'b'],
      [5, 'key', 'b>c>d'],
      [6, 'array', 'e>f'],
      [7, 'key', 'e>f>g'],
    ]);
  });

  test('undoes quotes and escapes of keys', () => {
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
  ])('passes over %s', (_, text) => {
    expect(() => parse(text)).not.toThrow();
    const padded = `${text}[after]\n`;
    const line = padded.split('\n').indexOf('[after]') + 1;
    expect(shown(padded).at(-1)).toEqual([line, 'table', 'after']);
  });

  test('finds every table of any document where it stands', () => {
    const key = fc.oneof(
      fc.string({ minLength: 1 }),
      fc.constantFrom('__proto__', 'a.b', '"', "'", ']', '#', '\n'),
    );
    const leaf = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.array(fc.string()));
    fc.assert(
      fc.property(fc.dictionary(key, fc.dictionary(key, leaf)), (document) => {
        const text = stringify(document);
        const lines = text.split('\n');
        const entries = tomlEntries(text);
        const tables = entries.filter(({ kind }) => kind === 'table');
        expect(tables.map(({ path }) => path[0])).toEqual(Object.keys(document));
        for (const { line } of tables) expect(lines[line - 1]).toMatch(/^\[/);
        const keys = entries.filter(({ kind }) => kind === 'key').length;
        expect(keys).toBe(Object.values(document).flatMap((table) => Object.keys(table)).length);
      }),
    );
  });

  test('takes time linear in the document', () => {
    const text = '[host."https://a.corp"]\nca = ["x"]\n'.repeat(20_000);
    const started = performance.now();
    expect(tomlEntries(text)).toHaveLength(40_000);
    expect(performance.now() - started).toBeLessThan(3_000);
  });
});

test('a path stands where the first statement at or under it stands', () => {
  const lines = linesOf(tomlEntries('[a.b]\nc = 1\n[a]\nd = 2\n'));
  expect([lines(['a']), lines(['a', 'b', 'c']), lines(['a', 'd']), lines(['x'])]).toEqual([1, 2, 4, null]);
});
