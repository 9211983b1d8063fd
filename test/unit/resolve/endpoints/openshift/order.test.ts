import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { preferenceOrder } from '../../../../../src/resolve/endpoints/openshift/preference.ts';
import { isNested, isValidScope } from '../../../../../src/resolve/endpoints/openshift/scope.ts';

describe('one order out of several', () => {
  const chain = (...names: string[]): [string, string][] =>
    names.slice(1).map((name, index) => [names[index] ?? '', name]);

  test('lists that overlap are joined', () => {
    expect(preferenceOrder([...chain('m2', 'm3'), ...chain('m1', 'm2')])).toEqual(['m1', 'm2', 'm3']);
  });

  test('lists that contradict each other are all kept, from the first name on', () => {
    expect(preferenceOrder([...chain('y', 'x'), ...chain('x', 'y')])).toEqual(['x', 'y']);
  });

  const name = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f');
  const pairs = fc.array(fc.tuple(name, name), { maxLength: 12 });

  test('every name comes once, and the order of the pairs does not matter', () => {
    fc.assert(
      fc.property(pairs, (edges) => {
        const order = preferenceOrder(edges);
        expect(order.toSorted()).toEqual([...new Set(edges.flat())].sort());
        expect(preferenceOrder(edges.toReversed())).toEqual(order);
      }),
    );
  });

  test('pairs without a cycle are all respected', () => {
    fc.assert(
      fc.property(pairs, (edges) => {
        const forward = edges
          .filter(([first, second]) => first < second)
          .map(([a, b]): [string, string] => [b, a]);
        const order = preferenceOrder(forward);
        for (const [first, second] of forward)
          expect(order.indexOf(first)).toBeLessThan(order.indexOf(second));
      }),
    );
  });
});

describe('scopes', () => {
  test.each([
    ['itself', 'corp.test/team', 'corp.test/team', true],
    ['a path below', 'corp.test/team/app', 'corp.test/team', true],
    ['not half a path', 'corp.test/teams', 'corp.test/team', false],
    ['no other port', 'corp.test:5000', 'corp.test', false],
    ['below a wildcard any port', 'a.corp.test:5000/app', '*.corp.test', true],
    ['below a wildcard another wildcard', '*.a.corp.test', '*.corp.test', true],
    ['not the domain of the wildcard itself', 'corp.test', '*.corp.test', false],
    ['no path that looks like a host', 'quay.io/a.corp.test', '*.corp.test', false],
  ])('scopes hold %s', (_, inner, outer, nested) => {
    expect(isNested(inner, outer)).toBe(nested);
  });

  test.each([
    ['corp.test:5000/team', true],
    ['*.corp.test', true],
    ['*.corp.test/team', false],
    ['a.*.test', false],
    ['*', false],
    ['', false],
  ])('%j is a scope: %s', (scope, valid) => {
    expect(isValidScope(scope)).toBe(valid);
  });
});
