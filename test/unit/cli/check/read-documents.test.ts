import { describe, expect, test } from '@jest/globals';
import { readDocuments } from '../../../../src/cli/check/read-documents.ts';

const valuesOf = (text: string) => readDocuments(text).documents.map(({ value }) => value);
const messagesOf = (text: string) =>
  readDocuments(text).problems.map(({ line, message }) => `${line}: ${message}`);

describe('values', () => {
  test.each<[string, string, unknown]>([
    ['a merge key', 'a: &a {x: 1, z: 2}\nb: {<<: *a, z: 3}', { a: { x: 1, z: 2 }, b: { x: 1, z: 3 } }],
    [
      'a merge key behind the key that it overrides',
      'a: &a {x: 1}\nb: {x: 2, <<: *a}',
      { a: { x: 1 }, b: { x: 1 } },
    ],
    [
      'merged lists, of which the first wins',
      'a: &a {x: 1}\nb: &b {x: 2}\nc: {<<: [*a, *b]}',
      { a: { x: 1 }, b: { x: 2 }, c: { x: 1 } },
    ],
    ['words of YAML 1.1', 'a: yes\nb: Off\nc: y\nd: ~', { a: true, b: false, c: true, d: null }],
    ['quoted words', 'a: "yes"\nb: \'1\'', { a: 'yes', b: '1' }],
    ['numbers', 'a: 0644\nb: 0x1F\nc: 1_000\nd: 1e3\ne: .5', { a: 420, b: 31, c: 1000, d: 1000, e: 0.5 }],
    ['text like base 60 and dates', 'a: 12:30\nb: 2001-12-14', { a: '12:30', b: '2001-12-14' }],
    ['keys that are not text', '8080: a\non: b\n1.10: c', { 8080: 'a', true: 'b', '1.1': 'c' }],
    ['a quoted scalar continued at the indentation of its key', 'a:\n  b: "x\n  y"', { a: { b: 'x y' } }],
    [
      'a list that ends at the indentation of its key',
      'a:\n  b: [\n    x\n  ]\n  c: 1',
      { a: { b: ['x'], c: 1 } },
    ],
    ['custom tags', 'a: !custom x\nb: !!str 1', { a: 'x', b: '1' }],
    ['Windows line ends', 'a: b\r\nc: |\r\n  d\r\n', { a: 'b', c: 'd\n' }],
  ])('reads %s as kubectl does', (_, text, value) => {
    expect(readDocuments(text).problems).toEqual([]);
    expect(valuesOf(text)).toEqual([value]);
  });

  test('uses the last of duplicate keys and warns at its line', () => {
    const { documents, warnings } = readDocuments('a: 1\nb: 2\na: 3\n');
    expect(documents[0]?.value).toEqual({ a: 3, b: 2 });
    expect(warnings).toEqual([{ line: 3, message: 'duplicate key "a"; the last one is used' }]);
  });

  test('reads 100,000 aliases', () => {
    const text = `a: &a {x: 1}\nb:\n${'- *a\n'.repeat(100_000)}`;
    expect(valuesOf(text)).toMatchObject([{ b: { length: 100_000 } }]);
  });

  test('reads an alias bomb in the memory of its text', () => {
    const rows = 'bcdefghij'
      .split('')
      .map((name, index) => `${name}: &${name} [${Array(9).fill(`*${'abcdefghij'[index]}`).join(',')}]\n`);
    expect(messagesOf(`a: &a [x]\n${rows.join('')}`)).toEqual([]);
  });
});

describe('documents', () => {
  test.each<[string, string, number]>([
    ['separators with comments', '---\na: 1\n--- # next\na: 2\n---\n', 2],
    ['a document of comments', '# nothing\n---\na: 1\n---\n# nothing\n', 1],
    ['a directive', '%YAML 1.1\n---\na: 1\n', 1],
    ['concatenated JSON', '{"a":1}{"a":2}\n{"a":3}', 3],
    ['JSON and then YAML', '{"a":1}\n---\na: 2\n', 2],
    ['JSON with tabs', '{\n\t"a": 1\n}', 1],
    ['nothing', '', 0],
  ])('splits %s', (_, text, count) => {
    expect(readDocuments(text)).toMatchObject({ documents: { length: count }, problems: [] });
  });

  test.each<[string, string, string, number]>([
    [
      'a mapping as a key, as in an unrendered template',
      'a: 1\n---\nreplicas: {{ .Values.n }}\n---\nb: 1',
      '3: a mapping, a list or null is not allowed as a key',
      2,
    ],
    ['invalid YAML', 'a: [\n---\nb: 1', ': not valid YAML', 1],
    ['an unknown anchor', 'a: *b', '1: unknown anchor b', 0],
    ['an anchor that contains itself', 'a: &a [*a]', '1: an anchor contains itself', 0],
    ['an infinite number', 'a: .inf', '1: .inf and .nan are not allowed', 0],
    ['text behind a separator', 'a: 1\n--- b\nc: 1', '2: invalid document separator "--- b"', 2],
    ['text behind a JSON stream', '{"a":1}{"a":2} x', '1: not valid JSON', 2],
    ['a merge of a scalar', 'a:\n  <<: x', '2: the merge key << needs a mapping', 0],
    ['20,000 nested lists', '['.repeat(20_000), '', 0],
  ])('reports %s and reads the other documents', (_, text, message, count) => {
    const { documents, problems } = readDocuments(text);
    expect(problems.map(({ line, message: each }) => `${line}: ${each}`).join()).toContain(message);
    expect([problems.length, documents.length]).toEqual([1, count]);
  });
});

test('the line of a value is that of the file', () => {
  const [, second] = readDocuments('a: 1\n---\nspec:\n  containers:\n  - name: x\n    image: y\n').documents;
  expect(second?.line).toBe(3);
  expect(second?.lineAt(['spec', 'containers', 0, 'image'])).toBe(6);
  expect(second?.lineAt(['spec', 'containers', 5])).toBe(5);
});
