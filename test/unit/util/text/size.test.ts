import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { formatSize, parseSize } from '../../../../src/util/text/size.ts';

describe('parseSize', () => {
  test.each([
    ['0', 0],
    ['1024', 1_024],
    ['4Mi', 4_194_304],
    ['512k', 512_000],
    ['1.5Gi', 1_610_612_736],
    ['2T', 2e12],
  ])('%s is %d bytes', (text, bytes) => {
    expect(parseSize(text)).toBe(bytes);
  });

  test.each(['', 'Mi', '4mi', '4 Mi', '4MiB', '4m', '-1', '1.3Ki', '1e3', '4Mi\n', '999999999999999Ti'])(
    '%j is not a size',
    (text) => {
      expect(parseSize(text)).toBeNull();
    },
  );
});

describe('formatSize', () => {
  test.each([
    [0, '0'],
    [1_000, '1000'],
    [1_024, '1Ki'],
    [4_194_304, '4Mi'],
    [3 * 2 ** 40, '3Ti'],
  ])('%d bytes are %s', (bytes, text) => {
    expect(formatSize(bytes)).toBe(text);
  });

  test('what it writes is read back', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.integer({ min: 0, max: 4 }), (count, power) => {
        const bytes = Math.floor(count / 1_024 ** power) * 1_024 ** power;
        // Digits are bounded, and so is what can be read.
        fc.pre(bytes < 1e15);
        expect(parseSize(formatSize(bytes))).toBe(bytes);
      }),
    );
  });
});
