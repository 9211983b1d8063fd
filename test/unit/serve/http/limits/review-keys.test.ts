import { describe, expect, test } from '@jest/globals';
import {
  denyTooManyKeys,
  hasTooManyKeys,
  maxKeys,
} from '../../../../../src/serve/http/limits/review-keys.ts';

const objectOf = (keys: number) =>
  Buffer.from(JSON.stringify(Object.fromEntries(Array.from({ length: keys }, (_, n) => [`k${n}`, '']))));

describe('hasTooManyKeys', () => {
  test('counts keys up to the limit', () => {
    expect(hasTooManyKeys(objectOf(maxKeys))).toBe(false);
    expect(hasTooManyKeys(objectOf(maxKeys + 1))).toBe(true);
  });

  test('does not count colons and quotes inside strings', () => {
    const text = JSON.stringify({ a: `${':'.repeat(400_000)}"\\":` });
    expect(hasTooManyKeys(Buffer.from(text))).toBe(false);
  });

  test('ends at the end of a string without a closing quote', () => {
    expect(hasTooManyKeys(Buffer.from(`{"${'x'.repeat(300_000)}`))).toBe(false);
  });
});

describe('denyTooManyKeys', () => {
  test('denies the request with its UID', () => {
    const review =
      '{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{"uid":"u-1","kind":{}}}';
    expect(JSON.parse(denyTooManyKeys(Buffer.from(review)) ?? '')).toMatchObject({
      response: { uid: 'u-1', allowed: false, status: { code: 403 } },
    });
  });

  test('returns null without a UID at the start', () => {
    expect(denyTooManyKeys(Buffer.from('{"a":{"uid":"x"}}'))).toBeNull();
  });
});
