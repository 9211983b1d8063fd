import { describe, expect, test } from '@jest/globals';
import { DocumentError } from '../../../src/document/document-error.ts';
import { DocumentValue } from '../../../src/document/document-value.ts';
import { parseJson } from '../../../src/document/json.ts';

function value(text: string, over: { ignoreCase?: boolean; anyScalarIsText?: boolean } = {}): DocumentValue {
  return new DocumentValue(parseJson(text), {
    file: 'a.json',
    ignoreCase: false,
    anyScalarIsText: false,
    ...over,
  });
}

function errorOf(read: () => unknown): DocumentError {
  try {
    read();
  } catch (error) {
    if (error instanceof DocumentError) return error;
  }
  throw new Error('no DocumentError was thrown');
}

describe('an absent or null value', () => {
  const root = value('{ "no": null }');

  test('reads as empty of every type', () => {
    for (const absent of [root.get('no'), root.get('other'), root.get('other').get('deeper')]) {
      expect([absent.string(), absent.boolean(), absent.number(), absent.strings()]).toEqual([
        '',
        false,
        null,
        [],
      ]);
      expect([absent.items(), [...absent.entries()], absent.isNull]).toEqual([[], [], true]);
    }
  });

  test('has a position only if it is written', () => {
    expect([root.get('no').source.line, root.get('other').source.line]).toEqual([1, null]);
  });
});

describe('a value of another type', () => {
  const root = value('{\n "n": 1,\n "s": "secret",\n "l": ["a", 2]\n}');

  test.each([
    ['a number as string', () => root.get('n').string(), 2],
    ['a string as number', () => root.get('s').number(), 3],
    ['a string as boolean', () => root.get('s').boolean(), 3],
    ['a string as list', () => root.get('s').strings(), 3],
    ['a string as table', () => root.get('s').get('x'), 3],
    ['a list with a number as strings', () => root.get('l').strings(), 4],
  ])('is an error at its line: %s', (_, read, line) => {
    const error = errorOf(read);
    expect(error).toMatchObject({ code: 'INVALID', position: { line } });
    expect(error.message).not.toContain('secret');
  });
});

test('with anyScalarIsText a string is any scalar as it is written', () => {
  expect(value('{ "a": 0.10 }', { anyScalarIsText: true }).get('a').string()).toBe('0.10');
});

test('with ignoreCase members are found in any case, the last of several first', () => {
  const root = value('{ "Server": "a", "SERVER": "b" }', { ignoreCase: true });
  expect([root.get('server').string(), root.has('sErver')]).toEqual(['b', true]);
  expect(value('{ "Server": "a" }').has('server')).toBe(false);
});

test('unknown keys are told with the line of the key', () => {
  const root = value('{\n "known": 1,\n "other":\n {}\n}');
  expect(root.unknownKeys(['known'])).toMatchObject([{ name: 'other', source: { file: 'a.json', line: 3 } }]);
  expect(value('{ "KNOWN": 1 }', { ignoreCase: true }).unknownKeys(['known'])).toEqual([]);
});

test('an error of a check without a position gets that of the value', () => {
  const root = value('{\n "a": 1 }');
  const error = errorOf(() =>
    root.get('a').check(() => {
      throw new DocumentError('INVALID', 'no');
    }),
  );
  expect(error.position).toEqual({ line: 2, column: 7 });
  const own = errorOf(() => root.check(() => root.get('a').string()));
  expect(own.position).toEqual({ line: 2, column: 7 });
});
