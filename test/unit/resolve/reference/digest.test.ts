import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import {
  algorithmOf,
  digestOf,
  encodedOf,
  InvalidDigest,
  isDigest,
  matchesDigest,
  parseDigest,
} from '../../../../src/resolve/reference/digest.ts';
import { digest, junk } from './arbitraries.ts';

const hex = 'ab'.repeat(32);

describe('parseDigest', () => {
  test.each<[string, string, InvalidDigest['code']]>([
    ['nothing', '', 'Format'],
    ['no algorithm', `:${hex}`, 'Format'],
    ['no hex', 'sha256:', 'Format'],
    ['upper case', `sha256:${hex.toUpperCase()}`, 'Format'],
    ['letters that are not hex', `sha256:${'xy'.repeat(32)}`, 'Format'],
    ['a trailing newline', `sha256:${hex}\n`, 'Length'],
    ['a newline in place of the last digit', `sha256:${hex.slice(1)}\n`, 'Format'],
    ['too short', `sha256:${hex.slice(1)}`, 'Length'],
    ['the length of the other algorithm', `sha512:${hex}`, 'Length'],
    ['another algorithm', `md5:${hex.slice(32)}`, 'Unsupported'],
    ['the name of a property of every object', `constructor:${hex}`, 'Unsupported'],
    ['an algorithm in upper case', `SHA256:${hex}`, 'Format'],
  ])('refuses %s', (_, text, code) => {
    expect(isDigest(text)).toBe(false);
    expect(() => parseDigest(text)).toThrow(InvalidDigest);
    expect(() => parseDigest(text)).toThrow(expect.objectContaining({ code }));
  });

  test('a message shows no controls and stays short', () => {
    const read = (): unknown => parseDigest(`sha256:\u001b${'a'.repeat(1_000_000)}`);
    expect(read).toThrow(/^[^\u001b]{1,500}$/);
  });

  test('takes a digest apart and puts it together', () => {
    fc.assert(
      fc.property(digest, (given) => {
        expect(parseDigest(`${algorithmOf(given)}:${encodedOf(given)}`)).toBe(given);
      }),
    );
  });

  test('any text is a digest or refused with the one error', () => {
    fc.assert(
      fc.property(junk, (text) => {
        if (!isDigest(text)) expect(() => parseDigest(text)).toThrow(InvalidDigest);
      }),
    );
  });
});

describe('digestOf', () => {
  test.each(['sha256', 'sha512'] as const)('%s of bytes', (algorithm) => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const want = `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`;
        expect(digestOf(algorithm, bytes)).toBe(want);
      }),
    );
  });

  test('content is checked by the algorithm of the digest, and one bit is enough to fail', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('sha256', 'sha512'),
        fc.uint8Array({ minLength: 1 }),
        fc.nat(),
        (algorithm, bytes, position) => {
          const wanted = digestOf(algorithm, bytes);
          expect(matchesDigest(wanted, bytes)).toBe(true);
          const index = position % bytes.length;
          expect(matchesDigest(wanted, bytes.with(index, (bytes[index] ?? 0) ^ 1))).toBe(false);
        },
      ),
    );
  });
});
