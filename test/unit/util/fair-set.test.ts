import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { FairSet } from '../../../src/util/fair-set.ts';

const anyGroup = (): boolean => true;

describe('FairSet', () => {
  test('takes the groups in turn and the keys of a group in order', () => {
    const set = new FairSet();
    for (const [group, key] of [
      ['a', '1'],
      ['a', '2'],
      ['a', '3'],
      ['b', '1'],
    ] as const)
      set.add(group, `${group}${key}`);
    expect(Array.from({ length: 5 }, () => set.take(anyGroup))).toEqual(['a1', 'b1', 'a2', 'a3', null]);
  });

  test('skips groups that may not be taken, which keep their turn', () => {
    const set = new FairSet();
    for (const key of ['a1', 'a2', 'b1', 'b2']) set.add(key.charAt(0), key);
    expect(set.take((group) => group !== 'a')).toBe('b1');
    expect(set.take(anyGroup)).toBe('a1');
    expect(set.take(() => false)).toBeNull();
    expect(set.size).toBe(2);
  });

  test('returns each key once that was added and not deleted', () => {
    const operation = fc.record({
      key: fc.constantFrom('a/1', 'a/2', 'b/1', 'c/1'),
      isDeletion: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(operation), (operations) => {
        const set = new FairSet();
        const expected = new Set<string>();
        for (const { key, isDeletion } of operations) {
          set[isDeletion ? 'delete' : 'add'](key.charAt(0), key);
          expected[isDeletion ? 'delete' : 'add'](key);
        }
        expect(set.size).toBe(expected.size);
        for (const key of expected) expect(set.has(key.charAt(0), key)).toBe(true);
        const taken = Array.from(operations, () => set.take(anyGroup)).filter((key) => key !== null);
        expect(taken.sort()).toEqual([...expected].sort());
      }),
    );
  });
});
