import { describe, expect, test } from '@jest/globals';
import { isTooDeep } from '../../../src/document/json-depth.ts';

const padding = ' '.repeat(64 * 1024);
const nested = (depth: number, inner = ''): Buffer =>
  Buffer.from(`${'{"a":['.repeat(depth / 2)}${inner}${']}'.repeat(depth / 2)}${padding}`);

describe('isTooDeep', () => {
  test.each<[string, Buffer, boolean]>([
    ['128 levels', nested(128), false],
    ['130 levels', nested(130), true],
    ['brackets within a text', nested(2, JSON.stringify('['.repeat(500))), false],
    [
      'brackets after escaped quotes and backslashes',
      nested(2, JSON.stringify(`\\"${'['.repeat(500)}\\`)),
      false,
    ],
    ['many side by side', nested(2, '[],'.repeat(500)), false],
    ['a text without an end', Buffer.from(`"${padding}[`), false],
    ['a body too small to do harm', Buffer.from('['.repeat(1_000)), false],
  ])('%s: %s', (_title, json, wanted) => {
    expect(isTooDeep(json)).toBe(wanted);
  });
});
