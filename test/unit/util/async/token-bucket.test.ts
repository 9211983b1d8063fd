import { expect, test } from '@jest/globals';
import { TokenBucket } from '../../../../src/util/async/token-bucket.ts';

test('a token bucket allows its burst, then one more per interval, and never more than its burst', () => {
  const bucket = new TokenBucket({ burst: 2, everyMs: 100 }, 0);
  const taken = [0, 0, 0, 99, 100, 150, 200, 10_000, 10_000, 10_000].map((now) => bucket.take(now));
  expect(taken).toEqual([true, true, false, false, true, false, true, true, true, false]);
});
