import { describe, expect, test } from '@jest/globals';
import { isJudgedAtAdmission } from '../../../../../src/watch/controller/usage/webhook-scope.ts';
import { record, type RecordParts } from '../records.ts';
import { ReconcilerHarness } from '../harness.ts';

function isJudged(parts: RecordParts, policy: ReconcilerHarness['policy'] = { mode: 'warn' }): boolean {
  const stage = new ReconcilerHarness();
  stage.policy = policy;
  return isJudgedAtAdmission(record(parts), 'pratique-system', stage.context());
}

describe('isJudgedAtAdmission', () => {
  test.each<[string, RecordParts, boolean]>([
    ['a plain pod', {}, true],
    ['of the system', { namespace: 'kube-system' }, false],
    ["of the nodes' heartbeats", { namespace: 'kube-node-lease' }, false],
    ['our own', { namespace: 'pratique-system' }, false],
    ['a mirror of a static one', { isStaticPod: true }, false],
    ['one that opts out', { hasSkipLabel: true }, false],
    ['one without any image', { images: [] }, false],
    ['one whose image cannot be parsed', { images: ['corp.io/UPPER'] }, true],
  ])('%s', (_what, parts, judged) => {
    expect(isJudged(parts)).toBe(judged);
  });

  test('excludes pods in audit mode and where the mode is off', () => {
    expect([isJudged({}, { mode: 'audit' }), isJudged({}, { mode: 'off' })]).toEqual([false, false]);
  });

  test('includes a pod with one such image', () => {
    const rules = [{ images: ['docker.io/library/*'], mode: 'enforce' as const }];
    expect(isJudged({ images: ['corp.io/a:1', 'nginx:1'] }, { mode: 'off', rules })).toBe(true);
    expect(isJudged({ images: ['corp.io/a:1'] }, { mode: 'off', rules })).toBe(false);
  });

  test('includes a pod with the skip label where the policy ignores it', () => {
    expect(isJudged({ hasSkipLabel: true }, { mode: 'warn', skipLabel: false })).toBe(true);
  });
});
