import { expect, test } from '@jest/globals';
import { bareMediaType } from '../../../../src/resolve/manifest/media-types.ts';

test.each<[string | null | undefined, string | null]>([
  ['application/json', 'application/json'],
  ['Application/JSON ; charset=utf-8', 'application/json'],
  [';', null],
  ['', null],
  [null, null],
  [undefined, null],
])('Content-Type %p: %p', (header, want) => {
  expect(bareMediaType(header)).toBe(want);
});
