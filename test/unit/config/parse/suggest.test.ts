import { describe, expect, test } from '@jest/globals';
import { nearest } from '../../../../src/config/parse/suggest.ts';

describe('nearest', () => {
  const known = ['mode', 'pin', 'platforms', 'onDenied', 'onUnavailable', 'requireDigest'];
  test.each([
    ['mdoe', 'mode'],
    ['modes', 'mode'],
    ['platform', 'platforms'],
    ['ondenied', 'onDenied'],
    ['requiredigst', 'requireDigest'],
    ['onUnavalable', 'onUnavailable'],
    ['pn', 'pin'],
  ])('suggests for %s the word %s', (word, wanted) => {
    expect(nearest(word, known)).toBe(wanted);
  });

  test.each(['size', 'x', '', 'onSomethingElse', 'p'.repeat(10_000)])('suggests nothing for %s', (word) => {
    expect(nearest(word, known)).toBeNull();
  });

  test('suggests the nearer of two words', () => {
    expect(nearest('tagTLL', ['tagTTL', 'failureTTL', 'tagTL'])).toBe('tagTTL');
  });
});
