import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import {
  Rewrite,
  RewriteError,
  rewriteRepository,
} from '../../../../../src/resolve/endpoints/containerd/rewrite.ts';

const apply = (pattern: string, replacement: string, text: string): string =>
  new Rewrite(pattern, replacement).replaceAll(text);

describe('a replacement template', () => {
  test.each<[string, string, string, string]>([
    ['a group', '^library/(.*)$', 'my-org/$1', 'my-org/alpine'],
    ['the whole match', 'alpine', '[$0]', 'library/[alpine]'],
    ['a group in braces, so that a digit may follow', '^(library)/', '${1}0/', 'library0/alpine'],
    ['a group whose name runs on into letters, which does not exist', '^(library)/', '$1x/', '/alpine'],
    ['a named group', '/(?P<name>.*)$', '/x-${name}', 'library/x-alpine'],
    ['a named group without braces', '/(?P<name>.*)$', '/$name.io', 'library/alpine.io'],
    ['a group that took no part', '(z)?alpine', '<$1>', 'library/<>'],
    ['a group number with a leading zero, which is a name', '(alpine)', '<$01>', 'library/<>'],
    ['two dollars for one', 'alpine', '$$1', 'library/$1'],
    ['a dollar at the end', 'alpine', 'x$', 'library/x$'],
    ['a dollar before a text that is not a name', 'alpine', '$-$/', 'library/$-$/'],
    ['braces that stay open', 'alpine', '${1', 'library/${1'],
    ['a name that every object has', '(alpine)', '<$constructor>', 'library/<>'],
  ])('expands %s', (_, pattern, replacement, want) => {
    expect(apply(pattern, replacement, 'library/alpine')).toBe(want);
  });
});

describe('a pattern', () => {
  test('a pattern replaces every match, and an empty match only if it does not follow another match', () => {
    expect(apply('a', 'x', 'banana')).toBe('bxnxnx');
    expect(apply('a*', '-', 'baac')).toBe('-b-c-');
    expect(apply('', '-', 'ab')).toBe('-a-b-');
    expect(apply('^', '-', 'ab')).toBe('-ab');
  });

  test.each(['(?=a)', '[', '(', 'a{1001}', '\\1', 'a'.repeat(1025)])('%.20s is refused', (pattern) => {
    expect(() => new Rewrite(pattern, '')).toThrow(RewriteError);
  });

  test.each(['(a*)*$', '(a|aa)+$', '(a|a)*b', '(.*)*(.*)*(.*)*x', '(a?){200}a{200}'])(
    'evil %s costs no more than its length',
    (pattern) => {
      const rule = new Rewrite(pattern, 'x');
      const started = performance.now();
      rule.replaceAll(`${'a'.repeat(254)}!`);
      expect(performance.now() - started).toBeLessThan(500);
    },
  );

  test('any pattern either compiles and ends, or is rejected', () => {
    const pattern = fc.stringMatching(/^[ab.*+?()[\]{}|^$\\0-9,]{0,20}$/);
    fc.assert(
      fc.property(pattern, fc.string(), fc.stringMatching(/^[ab/]{0,60}$/), (source, replacement, text) => {
        try {
          expect(typeof apply(source, replacement, text)).toBe('string');
        } catch (error) {
          expect(error).toBeInstanceOf(RewriteError);
        }
      }),
    );
  });
});

describe('several rules on a repository', () => {
  const rules = (...pairs: [string, string][]) => pairs.map(([pattern, to]) => new Rewrite(pattern, to));

  test('a repository that no rule changes stays', () => {
    expect(rewriteRepository(rules(['^x', 'y'], ['^l', 'l']), 'library/alpine')).toEqual({
      kind: 'rewritten',
      repository: 'library/alpine',
    });
  });

  test('the only rule that changes a repository decides', () => {
    expect(rewriteRepository(rules(['^x', 'y'], ['^library', 'hub']), 'library/alpine')).toEqual({
      kind: 'rewritten',
      repository: 'hub/alpine',
    });
  });

  test('two rules that change a repository are ambiguous', () => {
    expect(rewriteRepository(rules(['^library', 'hub'], ['alpine', 'a']), 'library/alpine')).toEqual({
      kind: 'ambiguous',
      results: ['hub/alpine', 'library/a'],
    });
  });

  test.each(['', '/', '../x', 'A', 'a?b=c', 'a\n'])('a rewrite to %j is not a repository', (replacement) => {
    expect(rewriteRepository(rules(['^.*$', replacement]), 'library/alpine')).toEqual({
      kind: 'invalid',
      repository: replacement,
    });
  });
});
