import { describe, expect, test } from '@jest/globals';
import { nearest } from '../../../../src/util/text/nearest.ts';

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
  ])('%s is meant to be %s', (word, wanted) => {
    expect(nearest(word, known)).toBe(wanted);
  });

  test.each(['size', 'x', '', 'onSomethingElse', 'p'.repeat(10_000)])('%s resembles none', (word) => {
    expect(nearest(word, known)).toBeNull();
  });

  test('the nearer of two is taken', () => {
    expect(nearest('tagTLL', ['tagTTL', 'failureTTL', 'tagTL'])).toBe('tagTTL');
  });
});
