import { describe, expect, test } from '@jest/globals';
import { judgedAtAdmission } from '../../../../../src/watch/controller/usage/webhook-scope.ts';
import { record, type RecordParts } from '../records.ts';
import { Stage } from '../harness.ts';

function isJudged(parts: RecordParts, policy: Stage['policy'] = { mode: 'warn' }): boolean {
  const stage = new Stage();
  stage.policy = policy;
  return judgedAtAdmission(record(parts), 'pratique-system', stage.inspecting());
}

describe('pods that the webhook leaves its verdict in', () => {
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

  test('none where verdicts are only recorded, or nobody looks', () => {
    expect([isJudged({}, { mode: 'audit' }), isJudged({}, { mode: 'off' })]).toEqual([false, false]);
  });

  test('one image is enough', () => {
    const rules = [{ images: ['docker.io/library/*'], mode: 'enforce' as const }];
    expect(isJudged({ images: ['corp.io/a:1', 'nginx:1'] }, { mode: 'off', rules })).toBe(true);
    expect(isJudged({ images: ['corp.io/a:1'] }, { mode: 'off', rules })).toBe(false);
  });

  test('one that opts out where nobody listens to that', () => {
    expect(isJudged({ hasSkipLabel: true }, { mode: 'warn', skipLabel: false })).toBe(true);
  });
});
