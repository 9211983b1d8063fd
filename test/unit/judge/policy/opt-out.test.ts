import { describe, expect, test } from '@jest/globals';
import { isOptedOut } from '../../../../src/judge/policy/opt-out.ts';
import type { Mode, PolicyConfig } from '../../../../src/judge/policy/schema.ts';
import { subjectOf } from '../../../../src/judge/subject.ts';
import { templateOf } from '../../../../src/judge/workload/workload.ts';
import { pod } from '../../../kit/fakes/pods.ts';
import { policiesOf } from '../policies-of.ts';

function optsOut(policy: Partial<PolicyConfig>, labels: Readonly<Record<string, string>> = {}): boolean {
  const workload = templateOf(pod('p').label('pratique.dev/skip', 'true').container('nginx:1').build());
  if (!workload) throw new Error('a pod is a workload');
  return isOptedOut(subjectOf(workload, 'shop'), labels, policiesOf(policy));
}

describe('isOptedOut', () => {
  test.each<[Mode, PolicyConfig['skipLabel'], boolean]>([
    ['enforce', 'auto', false],
    ['warn', 'auto', true],
    ['audit', 'auto', true],
    ['enforce', true, true],
    ['warn', false, false],
  ])('in mode %s with skipLabel %s the label counts: %s', (mode, skipLabel, wanted) => {
    expect(optsOut({ mode, skipLabel })).toBe(wanted);
  });

  test('a namespace that tightens the mode to enforce takes the label away', () => {
    expect(optsOut({ mode: 'warn' }, { 'pratique.dev/mode': 'enforce' })).toBe(false);
  });
});
