import { describe, expect, test } from '@jest/globals';
import { valueMatcherFor } from '../../../../../src/judge/nodes/scheduling/requirement.ts';

const many = Array.from({ length: 50 }, (_, index) => `${index}`);

describe('a requirement', () => {
  test.each<[string, readonly string[], string | undefined, boolean]>([
    ['In', many, '49', true],
    ['In', many, '50', false],
    ['In', many, undefined, false],
    ['In', [], '1', false],
    ['NotIn', many, '49', false],
    ['NotIn', many, undefined, true],
    ['Exists', [], '', true],
    ['Exists', [], undefined, false],
    ['DoesNotExist', [], undefined, true],
    ['DoesNotExist', [], 'x', false],
    // Beyond what a double holds exactly.
    ['Gt', ['9007199254740992'], '9007199254740993', true],
    ['Gt', ['9223372036854775806'], '9223372036854775807', true],
    ['Gt', ['1'], '9223372036854775808', false],
    ['Lt', ['1'], '-9223372036854775808', true],
    ['Lt', ['1'], '-9223372036854775809', false],
    ['Gt', ['1'], '+2', true],
    ['Gt', ['1'], '+-2', false],
    ['Gt', ['1'], '0002', true],
    ['Gt', ['1'], '1_0', false],
    ['Gt', ['1'], '0x10', false],
    ['Gt', [], '5', false],
    ['Near', ['1'], undefined, true],
  ])('%s %j and %j: %s', (operator, values, value, wanted) => {
    expect(valueMatcherFor({ key: 'a', operator, values })(value)).toBe(wanted);
  });
});
