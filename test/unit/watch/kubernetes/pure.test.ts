import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { backoff } from '../../../../src/util/async/backoff.ts';
import { lines } from '../../../../src/watch/kubernetes/client/lines.ts';
import { microTime } from '../../../../src/watch/kubernetes/micro-time.ts';
import { TokenBucket } from '../../../../src/util/async/token-bucket.ts';

describe('the back-off', () => {
  const times = { firstMs: 100, longestMs: 5_000 };

  test('doubles up to its bound, half of it by chance', () => {
    expect([1, 2, 3, 7, 100, 1e9].map((n) => backoff(times, n, 0))).toEqual([50, 100, 200, 2500, 2500, 2500]);
    expect(backoff(times, 1, 0.5)).toBe(75);
  });

  test('stays within its bounds', () => {
    fc.assert(
      fc.property(fc.nat(), fc.double({ min: 0, max: 0.999, noNaN: true }), (failures, random) => {
        const wait = backoff(times, failures, random);
        expect(wait).toBeGreaterThanOrEqual(50);
        expect(wait).toBeLessThanOrEqual(5_000);
      }),
    );
  });
});

describe('lines', () => {
  async function* pieces(text: Buffer, cuts: readonly number[]): AsyncGenerator<Uint8Array> {
    const at = [0, ...cuts.map((cut) => cut % (text.length + 1)).sort((a, b) => a - b), text.length];
    for (let n = 1; n < at.length; n++) yield text.subarray(at[n - 1], at[n]);
  }

  test('are the same however the bytes are cut', async () => {
    const line = fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll('\n', ''));
    await fc.assert(
      fc.asyncProperty(fc.array(line), fc.array(fc.nat()), async (texts, cuts) => {
        const bytes = Buffer.from(texts.map((text) => `${text}\n`).join(''));
        const read: string[] = [];
        for await (const each of lines(pieces(bytes, cuts), 10_000, 'here')) read.push(each);
        expect(read).toEqual(texts);
      }),
    );
  });

  test('have a bound, of bytes and for each alone', async () => {
    const read = async (text: string) => {
      const all: string[] = [];
      for await (const each of lines(pieces(Buffer.from(text), []), 4, 'here')) all.push(each);
      return all;
    };
    expect(await read('1234\n5678\n90')).toEqual(['1234', '5678', '90']);
    await expect(read('12345\n')).rejects.toMatchObject({ code: 'TooLarge' });
    await expect(read('äää')).rejects.toMatchObject({ code: 'TooLarge' });
  });
});

test('a bucket gives its burst, and then one more every so often, never more than its burst', () => {
  const bucket = new TokenBucket({ burst: 2, everyMs: 100 }, 0);
  const taken = [0, 0, 0, 99, 100, 150, 200, 10_000, 10_000, 10_000].map((now) => bucket.take(now));
  expect(taken).toEqual([true, true, false, false, true, false, true, true, true, false]);
});

test('times have six decimals', () => expect(microTime(1)).toBe('1970-01-01T00:00:00.001000Z'));
