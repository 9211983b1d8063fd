import { describe, expect, test } from '@jest/globals';
import type { Fit } from '../../../../src/judge/nodes/fit.ts';
import { addsAffinity, decide, decideError, decideUnpinned } from '../../../../src/judge/policy/decide.ts';
import type { Mode, Policy } from '../../../../src/judge/policy/schema.ts';
import { type Decision, type Result, results } from '../../../../src/judge/results.ts';
import { defaults, modes } from '../policies-of.ts';

type Row = readonly [
  result: Result,
  fit: Fit,
  settings: Partial<Policy>,
  enforce: Decision,
  isLenient?: boolean,
];

/** The table of outcomes, column `enforce`, written out; the other columns follow one rule each. */
const table: readonly Row[] = [
  ['available', 'all', {}, 'allow'],
  ['not-checked', 'all', {}, 'allow'],
  ['platform-missing', 'none', { platforms: 'all' }, 'deny'],
  ['platform-missing', 'none', { platforms: 'any' }, 'deny'],
  ['platform-missing', 'some', { platforms: 'all' }, 'deny'],
  ['platform-missing', 'some', { platforms: 'any' }, 'warn'],
  ['platform-missing', 'some', { platforms: 'all' }, 'warn', true],
  ['platform-missing', 'none', { platforms: 'all' }, 'deny', true],
  ['not-found', 'all', {}, 'deny'],
  ['invalid', 'all', {}, 'deny'],
  ['denied', 'all', { onDenied: 'deny' }, 'deny'],
  ['denied', 'all', { onDenied: 'allow' }, 'warn'],
  ['denied', 'all', { onDenied: 'allow', onUnavailable: 'deny' }, 'warn'],
  ['unavailable', 'all', { onUnavailable: 'deny' }, 'deny'],
  ['unavailable', 'all', { onUnavailable: 'allow' }, 'warn'],
  ['unavailable', 'all', { onUnavailable: 'allow', onDenied: 'deny' }, 'warn'],
];

const well: readonly Result[] = ['available', 'not-checked'];

function column(mode: Mode, result: Result, enforce: Decision): Decision {
  if (mode === 'enforce') return enforce;
  return mode === 'warn' && !well.includes(result) ? 'warn' : 'allow';
}

describe('the decision table', () => {
  const cells = table.flatMap((row) => modes.map((mode) => [mode, ...row] as const));

  test.each(cells)(
    '%s: %s, %s fit, %j, %s, lenient: %s',
    (mode, result, fit, settings, enforce, isLenient = false) => {
      const policy = { ...defaults, ...settings, mode };
      expect(decide(policy, result, { fit, isLenient })).toBe(column(mode, result, enforce));
    },
  );

  test('leaves no result out', () => {
    expect(new Set(table.map(([result]) => result))).toEqual(new Set(results));
  });

  test.each<[Mode, boolean, Decision]>([
    ['enforce', true, 'deny'],
    ['enforce', false, 'allow'],
    ['warn', true, 'warn'],
    ['warn', false, 'allow'],
    ['audit', true, 'allow'],
    ['off', true, 'allow'],
  ])('%s, requireDigest %s: an unpinned image alone leads to %s', (mode, requireDigest, wanted) => {
    expect(decideUnpinned({ ...defaults, mode, requireDigest })).toBe(wanted);
  });

  test.each<[Mode, 'allow' | 'deny', Decision]>([
    ['enforce', 'deny', 'deny'],
    ['enforce', 'allow', 'warn'],
    ['warn', 'deny', 'warn'],
    ['audit', 'deny', 'allow'],
    ['off', 'deny', 'allow'],
  ])('%s, onError %s: an error leads to %s', (mode, onError, wanted) => {
    expect(decideError({ ...defaults, mode, onError })).toBe(wanted);
  });

  test.each<[Mode, Policy['nodeAffinity'], boolean]>([
    ['enforce', 'auto', true],
    ['warn', 'auto', false],
    ['audit', 'auto', false],
    ['off', 'auto', false],
    ['enforce', 'add', true],
    ['warn', 'add', true],
    ['audit', 'add', false],
    ['off', 'add', false],
    ['enforce', 'off', false],
    ['warn', 'off', false],
  ])('mode %s with nodeAffinity %s adds a node affinity: %s', (mode, nodeAffinity, wanted) => {
    expect(addsAffinity({ ...defaults, mode, nodeAffinity })).toBe(wanted);
  });
});
