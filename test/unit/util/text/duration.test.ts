import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { formatDuration, parseDuration } from '../../../../src/util/text/duration.ts';

describe('parseDuration', () => {
  test.each([
    ['1s', 1_000],
    ['2500ms', 2_500],
    ['24h', 86_400_000],
    ['1h30m', 5_400_000],
    ['1.5h', 5_400_000],
    ['.25s', 250],
    ['2.s', 2_000],
    ['0', 0],
    ['-1m', -60_000],
    ['+1m', 60_000],
    ['3us', 0.003],
    ['3µs', 0.003],
    ['1s1s', 2_000],
  ])('%s is %d ms', (text, ms) => {
    expect(parseDuration(text)).toBeCloseTo(ms, 9);
  });

  test.each([
    '',
    '-',
    '60',
    '1',
    's',
    '1d',
    '1 s',
    '1s ',
    '1s\n',
    '.s',
    '1S',
    '1e3s',
    '1m-1s',
    '300000000h',
    '١s',
  ])('%j is not a duration', (text) => {
    expect(parseDuration(text)).toBeNull();
  });

  test('a text of any length is answered at once', () => {
    expect(parseDuration('9'.repeat(1_000_000))).toBeNull();
  });
});

describe('formatDuration', () => {
  test.each([
    [0, '0s'],
    [1, '1ms'],
    [2_500, '2500ms'],
    [60_000, '1m'],
    [90_000, '1m30s'],
    [86_400_000, '24h'],
    [-60_000, '-1m'],
  ])('%d ms is %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });

  test('what it writes is read back', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e12, max: 1e12 }), (ms) => {
        expect(parseDuration(formatDuration(ms))).toBe(ms === 0 ? 0 : ms);
      }),
    );
  });
});
