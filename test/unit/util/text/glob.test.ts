import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { matchesGlob } from '../../../../src/util/text/glob.ts';

describe('matchesGlob', () => {
  test.each([
    ['docker.io/library/*', 'docker.io/library/nginx', true],
    ['docker.io/library/*', 'docker.io/library/a/b', false],
    ['docker.io/library/*', 'docker.io/library/', true],
    ['docker.io/**', 'docker.io/library/a/b', true],
    ['**', '', true],
    ['**', 'a/b/c', true],
    ['*', 'a/b', false],
    ['*/b', 'a/b', true],
    ['*/b', 'a/a/b', false],
    ['**/b', 'a/a/b', true],
    ['**/*x/c', 'a/bx/bx/c', true],
    ['**a*c', 'a/abc', true],
    ['**a*c', 'a/b/c', false],
    ['***', 'a/b', true],
    ['team-*', 'team-a', true],
    ['team-*', 'my-team-a', false],
    ['*.corp:5000/**', 'reg.corp:5000/a', true],
    ['ghcr.io/team', 'ghcr.io/team', true],
    ['ghcr.io/team', 'ghcrXio/team', false],
    ['', '', true],
    ['', 'a', false],
    ['a?', 'ab', false],
  ])('%s on %s: %s', (pattern, text, wanted) => {
    expect(matchesGlob(pattern, text)).toBe(wanted);
  });

  /** The obvious definition, exponential. */
  function naive(pattern: string, text: string): boolean {
    if (pattern === '') return text === '';
    if (pattern.startsWith('**')) {
      return naive(pattern.slice(2), text) || (text !== '' && naive(pattern, text.slice(1)));
    }
    if (pattern.startsWith('*')) {
      return naive(pattern.slice(1), text) || (/^[^/]/.test(text) && naive(pattern, text.slice(1)));
    }
    return text[0] === pattern[0] && naive(pattern.slice(1), text.slice(1));
  }

  test('agrees with the definition', () => {
    const pattern = fc
      .array(fc.constantFrom('a', 'b', '/', '*', '**'), { maxLength: 8 })
      .map((parts) => parts.join(''));
    const text = fc.array(fc.constantFrom('a', 'b', '/'), { maxLength: 10 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(pattern, text, (glob, subject) => matchesGlob(glob, subject) === naive(glob, subject)),
      { numRuns: 2000 },
    );
  });

  test('many stars cost no more than the square of the length', () => {
    expect(matchesGlob(`${'*a'.repeat(200)}b`, 'a'.repeat(5_000))).toBe(false);
    expect(matchesGlob(`${'**a'.repeat(200)}b`, 'a'.repeat(5_000))).toBe(false);
  });
});
