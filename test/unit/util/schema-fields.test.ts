import { describe, expect, test } from '@jest/globals';
import type { z } from 'zod';
import { duration, globs, parsed, quoted, size } from '../../../src/util/schema-fields.ts';

function problem(schema: z.ZodType, value: unknown): string | undefined {
  return schema.safeParse(value).error?.issues[0]?.message;
}

describe('duration', () => {
  test('becomes milliseconds', () => {
    expect(duration().parse('1m30s')).toBe(90_000);
  });

  test.each([
    ['60', '"60" is not a duration; write it like 500ms, 30s or 1h30m'],
    ['5ms', '"5ms" is too short; at least 10ms'],
    ['-1s', '"-1s" is too short; at least 10ms'],
    ['2m', '"2m" is too long; at most 1m'],
  ])('%s is refused with what is allowed', (text, message) => {
    expect(problem(duration({ min: 10, max: 60_000 }), text)).toBe(message);
  });

  test('the bounds themselves are allowed', () => {
    expect(duration({ min: 10, max: 60_000 }).parse('10ms')).toBe(10);
    expect(duration({ min: 10, max: 60_000 }).parse('1m')).toBe(60_000);
  });
});

describe('size', () => {
  test('becomes bytes', () => {
    expect(size({ max: 2 ** 30 }).parse('4Mi')).toBe(4_194_304);
  });

  test.each([
    ['4mi', '"4mi" is not a size; write it like 512Ki, 4Mi or 1Gi'],
    ['1', '"1" is too small; at least 1Ki'],
    ['2Gi', '"2Gi" is too large; at most 1Gi'],
  ])('%s is refused with what is allowed', (text, message) => {
    expect(problem(size({ min: 1_024, max: 2 ** 30 }), text)).toBe(message);
  });
});

test('what a parser throws is what the operator reads', () => {
  const never = parsed('nothing', () => {
    throw new Error('nothing is right');
  });
  expect(problem(never, 'x')).toBe('nothing is right');
});

test('globs are bounded and never empty', () => {
  expect(globs().safeParse(['a', '']).success).toBe(false);
  expect(globs().safeParse(['a'.repeat(513)]).success).toBe(false);
  expect(globs().parse(['**'])).toEqual(['**']);
});

test('quoted text has no control characters and an end', () => {
  expect(quoted('a\u001b[31mb\n')).toBe('"a [31mb"');
  expect(quoted('x'.repeat(100))).toHaveLength(82);
});
