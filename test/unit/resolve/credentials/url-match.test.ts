import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { parseLabelGlob } from '../../../../src/resolve/credentials/label-glob.ts';
import { parseUrlPattern } from '../../../../src/resolve/credentials/url-match.ts';
import { anyText } from '../../../kit/fakes/any-text.ts';

describe('parseLabelGlob', () => {
  test.each([
    ['*', '', true],
    ['*', 'corp', true],
    ['a*', 'abc', true],
    ['*c', 'abc', true],
    ['a*c', 'ac', true],
    ['a*b*c', 'aXbYbZc', true],
    ['a*b', 'abc', false],
    ['**', 'x', true],
    ['r[0-9]', 'r7', true],
    ['r[0-9]', 'rx', false],
    ['r[ab]*', 'bx', false],
    ['r[ab]*', 'rbx', true],
    ['[z-a]', 'm', false],
    ['*', 'a'.repeat(63), true],
    ['*', 'a'.repeat(64), false],
    [']', ']', true],
  ])('%s and %s: %s', (pattern, label, wanted) => {
    expect(parseLabelGlob(pattern)?.(label)).toBe(wanted);
  });

  test.each(['[', '[]', 'a[b', '[a-]', '[-a]', '[]a]'])('%s is not a pattern', (pattern) => {
    expect(parseLabelGlob(pattern)).toBeNull();
  });

  test('stars mean the same as in the obvious regular expression', () => {
    const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 8 });
    const label = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 12 });
    fc.assert(
      fc.property(pattern, label, (glob, text) => {
        const expression = new RegExp(`^${glob.replaceAll('*', '.*')}$`);
        expect(parseLabelGlob(glob)?.(text)).toBe(expression.test(text));
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('parseUrlPattern', () => {
  test.each([
    ['registry.corp', 'registry.corp/team/app', true],
    ['registry.corp/team', 'registry.corp/team/app', true],
    ['registry.corp/tea', 'registry.corp/team/app', true],
    ['registry.corp/team/', 'registry.corp/team', false],
    ['*.corp', 'registry.corp/x', true],
    ['*.corp', 'a.registry.corp/x', false],
    ['*', 'registry.corp/x', false],
    ['registry.corp:5000', 'registry.corp:5000/x', true],
    ['registry.corp:443', 'registry.corp/x', false],
    ['registry.corp/t*', 'registry.corp/team', false],
    ['REGISTRY.corp', 'registry.corp/x', false],
    ['[fd00::1]:5000', '[fd00::1]:5000/x', true],
  ])('%s and %s: %s', (key, image, wanted) => {
    expect(parseUrlPattern(key)?.(image)).toBe(wanted);
  });

  test.each(['a b', 'host:port', '[fd00::1', 'a[b.corp', 'x\u0000y', 'corp/%zz'])(
    '%j is not a key',
    (key) => {
      expect(parseUrlPattern(key)).toBeNull();
    },
  );

  const label = fc.stringMatching(/^[a-z][a-z0-9-]{0,6}$/);
  const host = fc.array(label, { minLength: 1, maxLength: 4 });

  test('a key of stars covers every host with as many labels, and no other', () => {
    fc.assert(
      fc.property(host, fc.integer({ min: 1, max: 4 }), (labels, stars) => {
        const key = Array<string>(stars).fill('*').join('.');
        expect(parseUrlPattern(key)?.(`${labels.join('.')}/app`)).toBe(labels.length === stars);
      }),
    );
  });

  test('a name covers itself and whatever begins with it', () => {
    fc.assert(
      fc.property(
        host,
        label,
        fc.string({ unit: fc.constantFrom('a', '/', '-'), maxLength: 6 }),
        (labels, path, more) => {
          const name = `${labels.join('.')}/${path}`;
          expect(parseUrlPattern(name)?.(name + more)).toBe(true);
        },
      ),
    );
  });

  test('no text makes it throw', () => {
    fc.assert(
      fc.property(anyText(), anyText(), (key, image) => {
        expect(typeof (parseUrlPattern(key)?.(image) ?? false)).toBe('boolean');
      }),
    );
  });
});
