import { describe, expect, test } from '@jest/globals';
import type { Taint } from '../../../../../src/judge/nodes/node.ts';
import { blocksScheduling, evicts, toleranceOf } from '../../../../../src/judge/nodes/scheduling/taints.ts';

const taint = (key: string, value = '', effect: Taint['effect'] = 'NoSchedule'): Taint => ({
  key,
  value,
  effect,
});
const gpu = taint('gpu', 'yes');

describe('a toleration', () => {
  test.each<[string, object, Taint, boolean]>([
    ['Equal: the same value', { key: 'gpu', operator: 'Equal', value: 'yes' }, gpu, true],
    ['Equal: another value', { key: 'gpu', operator: 'Equal', value: 'no' }, gpu, false],
    ['no operator means Equal', { key: 'gpu', value: 'yes' }, gpu, true],
    ['no value means the empty one', { key: 'gpu' }, taint('gpu'), true],
    ['no value is not any value', { key: 'gpu' }, gpu, false],
    ['Exists: any value', { key: 'gpu', operator: 'Exists' }, gpu, true],
    ['another key', { key: 'tpu', operator: 'Exists' }, gpu, false],
    ['Exists without a key: any taint', { operator: 'Exists' }, gpu, true],
    ['Equal without a key: any key of that value', { operator: 'Equal', value: 'yes' }, gpu, true],
    ['the same effect', { key: 'gpu', operator: 'Exists', effect: 'NoSchedule' }, gpu, true],
    ['another effect', { key: 'gpu', operator: 'Exists', effect: 'NoExecute' }, gpu, false],
    ['no effect means all', { key: 'gpu', operator: 'Exists' }, taint('gpu', '', 'NoExecute'), true],
    ['Exists without a key, of one effect', { operator: 'Exists', effect: 'NoExecute' }, gpu, false],
    ['for a time only', { key: 'gpu', operator: 'Exists', tolerationSeconds: 1 }, gpu, true],
    ['Gt: the taint is greater', { key: 'sla', operator: 'Gt', value: '950' }, taint('sla', '999'), true],
    ['Gt: the taint is equal', { key: 'sla', operator: 'Gt', value: '950' }, taint('sla', '950'), false],
    ['Lt: the taint is less', { key: 'sla', operator: 'Lt', value: '950' }, taint('sla', '-3'), true],
    ['Lt: the taint is greater', { key: 'sla', operator: 'Lt', value: '950' }, taint('sla', '951'), false],
    [
      'Lt: leading zeros do not make a number',
      { key: 'sla', operator: 'Lt', value: '0950' },
      taint('sla', '1'),
      false,
    ],
    [
      'Gt: a value that is not a number',
      { key: 'sla', operator: 'Gt', value: '5' },
      taint('sla', 'high'),
      false,
    ],
    ['an operator of the future', { key: 'gpu', operator: 'Near', value: 'yes' }, gpu, false],
    ['nothing that can be read', { key: 5, operator: ['Exists'] }, gpu, false],
  ])('%s', (_what, toleration, of, wanted) => {
    expect(toleranceOf([toleration])(of)).toBe(wanted);
  });

  test('one of several tolerations is enough, and a value that is not a list tolerates nothing', () => {
    expect(toleranceOf([{ key: 'a' }, 'b', { operator: 'Exists' }])(gpu)).toBe(true);
    expect(toleranceOf({ operator: 'Exists' })(gpu)).toBe(false);
    expect(toleranceOf(undefined)(gpu)).toBe(false);
  });
});

describe('effects', () => {
  test.each<[Taint['effect'], boolean, boolean]>([
    ['NoSchedule', true, false],
    ['PreferNoSchedule', false, false],
    ['NoExecute', true, true],
  ])('%s: the scheduler %s, the kubelet %s', (effect, scheduler, kubelet) => {
    const none = toleranceOf([]);
    expect(blocksScheduling(taint('a', '', effect), none)).toBe(scheduler);
    expect(evicts(taint('a', '', effect), none)).toBe(kubelet);
  });
});
