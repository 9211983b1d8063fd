import { describe, expect, test } from '@jest/globals';
import {
  admits,
  requirementsOf,
  allowsOtherValues,
} from '../../../../../src/judge/nodes/scheduling/scheduling-constraints.ts';
import type { Requirement } from '../../../../../src/judge/nodes/scheduling/requirement.ts';

const required = (...nodeSelectorTerms: readonly unknown[]) => ({
  affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } },
});
const term = (...matchExpressions: readonly object[]) => ({ matchExpressions });
const is = (key: string, ...values: readonly string[]): Requirement => ({ key, operator: 'In', values });

describe('the constraints of a pod', () => {
  test.each<[string, object, unknown]>([
    ['nothing', {}, null],
    ['nothing that can be read', { nodeSelector: 'gpu', affinity: [], os: 'linux' }, null],
    ['a preference is nothing', { affinity: { nodeAffinity: { preferredDuringScheduling: [] } } }, null],
    ['nodeSelector', { nodeSelector: { a: '1', b: '2' } }, [[is('a', '1'), is('b', '2')]]],
    ['os', { os: { name: 'windows' } }, [[is('kubernetes.io/os', 'windows')]]],
    [
      'terms are alternatives, each beside the nodeSelector',
      { nodeSelector: { a: '1' }, ...required(term(is('b', '2')), term(is('c', '3'), is('d', '4'))) },
      [
        [is('a', '1'), is('b', '2')],
        [is('a', '1'), is('c', '3'), is('d', '4')],
      ],
    ],
    ['a term by the name of a node may match', required({ matchFields: [{ key: 'metadata.name' }] }), [[]]],
    ['a term without requirements matches no node', required({}, term()), []],
    ['no terms match no node', required(), []],
  ])('%s', (_what, spec, wanted) => {
    expect(requirementsOf(spec as never)).toEqual(wanted);
  });

  test('a pod with absurdly many requirements is treated as unconstrained', () => {
    const many = Array.from({ length: 20_000 }, (_, index) => `v${index}`);
    const before = process.cpuUsage();
    expect(requirementsOf(required(term(is('a', ...many))))).toBeNull();
    const nodeSelector = Object.fromEntries(many.map((key) => [key, '']));
    expect(
      requirementsOf({ nodeSelector, ...required(...many.map((key) => term(is(key, '1')))) }),
    ).toBeNull();
    // Processor time: other processes may have the processor meanwhile.
    expect(process.cpuUsage(before).user).toBeLessThan(1_000_000);
  });
});

describe('requirements', () => {
  test.each<[string, readonly string[], string | undefined, boolean]>([
    ['In', ['1', '2'], '2', true],
    ['In', ['1', '2'], '3', false],
    ['In', ['1'], undefined, false],
    ['NotIn', ['1'], '1', false],
    ['NotIn', ['1'], '2', true],
    ['NotIn', ['1'], undefined, true],
    ['Exists', [], '', true],
    ['Exists', [], undefined, false],
    ['DoesNotExist', [], undefined, true],
    ['DoesNotExist', [], '', false],
    ['Gt', ['5'], '6', true],
    ['Gt', ['5'], '5', false],
    ['Gt', ['5'], 'many', false],
    ['Gt', ['5'], undefined, false],
    ['Gt', ['few'], '6', false],
    ['Lt', ['5'], '-4', true],
    ['Lt', ['5'], '5', false],
    ['Lt', ['5'], '', false],
    ['Around', ['5'], '5', true],
  ])('%s %j and a label of %j: %s', (operator, values, value, wanted) => {
    const demand = [{ key: 'a', operator, values }, is('b', 'other')];
    expect(admits(demand, 'a', value)).toBe(wanted);
  });

  test.each<[string, readonly Requirement[], readonly string[], boolean]>([
    ['nothing is asked of it', [is('b', '1')], ['1'], true],
    ['one of two values is left', [is('a', '1', '2')], ['1'], true],
    ['no value is left', [is('a', '1', '2')], ['1', '2'], false],
    [
      'what is left is ruled out',
      [is('a', '1', '2'), { key: 'a', operator: 'NotIn', values: ['2'] }],
      ['1'],
      false,
    ],
    ['two lists that have one value in common', [is('a', '1', '2'), is('a', '2', '3')], ['2'], false],
    ['any value but some', [{ key: 'a', operator: 'NotIn', values: ['2'] }], ['1'], true],
    ['it has to be there', [{ key: 'a', operator: 'Exists', values: [] }], ['1'], true],
  ])('other values than the listed ones: %s', (_what, demand, values, wanted) => {
    expect(allowsOtherValues(demand, 'a', new Set(values))).toBe(wanted);
  });
});
