import { describe, expect, test } from '@jest/globals';
import { clean, cleanQuoted, listFirst } from '../../../../src/util/text/text.ts';

describe('listFirst', () => {
  test.each([
    [[], ''],
    [['a'], 'a'],
    [['a', 'b', 'c'], 'a, b, c'],
    [['a', 'b', 'c', 'd'], 'a, b, c, +1'],
    [['a', 'b', 'c', 'd', 'e'], 'a, b, c, +2'],
  ])('of three of %j is %j', (texts, wanted) => {
    expect(listFirst(texts, 3)).toBe(wanted);
  });

  test('uses the separator before the number of further texts, too', () => {
    expect(listFirst(['a', 'b', 'c'], 2, ',')).toBe('a,b,+1');
  });
});

describe('cleanQuoted', () => {
  test.each([' ', ' nginx', 'nginx '])('keeps the spaces of %j, which clean removes', (text) => {
    expect(cleanQuoted(text)).toBe(text);
    expect(clean(text)).toBe(text.trim());
  });

  test('replaces control characters and cuts', () => {
    expect(cleanQuoted('a\u001b[31m\nb')).toBe('a [31m b');
    expect(cleanQuoted('x'.repeat(1_000_000), 10)).toBe(`${'x'.repeat(9)}…`);
  });
});
