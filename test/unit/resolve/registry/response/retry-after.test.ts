import { expect, test } from '@jest/globals';
import { retryAfterMs } from '../../../../../src/resolve/registry/response/retry-after.ts';

const now = Date.parse('Wed, 21 Oct 2015 07:28:00 GMT');

test.each<[string | null, number | null]>([
  ['60', 60_000],
  [' 60 ', 60_000],
  ['0', 1_000],
  ['999999999999', 300_000],
  ['Wed, 21 Oct 2015 07:28:30 GMT', 30_000],
  ['Wed, 21 Oct 2015 07:00:00 GMT', 1_000],
  ['Wed, 21 Oct 2099 07:28:00 GMT', 300_000],
  [null, null],
  ['', null],
  ['-1', null],
  ['1.5', null],
  ['soon', null],
  ['2015', 300_000],
  ['Wed, 99 Oct 2015 07:28:00 GMT', null],
])('Retry-After %p: %p ms', (value, want) => {
  expect(retryAfterMs(value, now)).toBe(want);
});
