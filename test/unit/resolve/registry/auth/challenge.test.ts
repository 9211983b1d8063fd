import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { byPreference, parseChallenges } from '../../../../../src/resolve/registry/auth/challenge.ts';

const read = (...lines: string[]) =>
  parseChallenges(lines).map(({ scheme, params }) => [scheme, Object.fromEntries(params)]);

describe('WWW-Authenticate', () => {
  test.each<[string, string[], unknown[]]>([
    ['a quoted comma', ['Bearer realm="a,b",service="c"'], [['bearer', { realm: 'a,b', service: 'c' }]]],
    ['an escape', [String.raw`Basic realm="a\"b\\c"`], [['basic', { realm: 'a"b\\c' }]]],
    [
      'two on a line',
      ['Basic realm="a", Bearer realm="b"'],
      [
        ['basic', { realm: 'a' }],
        ['bearer', { realm: 'b' }],
      ],
    ],
    [
      'a bare scheme before another',
      ['Negotiate, Basic realm="a"'],
      [
        ['negotiate', {}],
        ['basic', { realm: 'a' }],
      ],
    ],
    [
      'a blob before another',
      ['NTLM abc==, Basic realm="a"'],
      [
        ['ntlm', {}],
        ['basic', { realm: 'a' }],
      ],
    ],
    [
      'two lines',
      ['Basic realm="a"', 'Bearer realm="b"'],
      [
        ['basic', { realm: 'a' }],
        ['bearer', { realm: 'b' }],
      ],
    ],
    ['no closing quote', ['Basic realm="a'], [['basic', { realm: '' }]]],
    ['nothing', ['', ' ', ',', '='], []],
  ])('%s', (_title, lines, want) => {
    expect(read(...lines)).toEqual(want);
  });

  test('a parameter called __proto__ is a parameter', () => {
    expect(parseChallenges(['Bearer __proto__="x",realm="y"'])[0]?.params.get('realm')).toBe('y');
    expect(({} as { x?: string }).x).toBeUndefined();
  });

  test('Bearer comes before Basic, and what no client can do is left out', () => {
    const offered = parseChallenges(['Negotiate', 'Basic realm="a"', 'Bearer realm="b"', 'Bearer realm="c"']);
    expect(byPreference(offered).map(({ params }) => params.get('realm'))).toEqual(['b', 'c', 'a']);
  });

  test('property: what is quoted comes back', () => {
    const quote = (text: string) => `"${text.replace(/["\\]/g, String.raw`\$&`)}"`;
    fc.assert(
      fc.property(fc.string(), fc.string(), (realm, service) => {
        const line = `Bearer realm=${quote(realm)}, service=${quote(service)}`;
        expect(read(line)).toEqual([['bearer', { realm, service }]]);
      }),
    );
  });

  test('property: no line hangs or throws', () => {
    const hostile = fc.stringMatching(/^[A-Ca-c "=,\\\t]*$/);
    fc.assert(fc.property(hostile, (line) => expect(parseChallenges([line])).toBeInstanceOf(Array)));
    expect(parseChallenges(['Basic '.repeat(100_000)]).length).toBeGreaterThan(0);
  });
});
