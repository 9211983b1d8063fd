import { describe, expect, test } from '@jest/globals';
import type { PolicyConfig } from '../../../../../src/judge/policy/schema.ts';
import type { PodRecord } from '../../../../../src/watch/cluster/records/pod-record.ts';
import { UnpinnedPods } from '../../../../../src/watch/controller/usage/unpinned-pods.ts';
import { ReconcilerHarness } from '../harness.ts';
import { record } from '../records.ts';

function count(policy: Partial<PolicyConfig>, pods: readonly PodRecord[], isRegistered = true): number {
  const harness = new ReconcilerHarness();
  harness.policy = { mode: 'warn', ...policy };
  let counted = -1;
  const counter = new UnpinnedPods({
    pods: { values: () => pods.values(), subscribe: () => () => undefined },
    context: () => harness.context(),
    namespace: 'pratique-system',
    isWebhookRegistered: () => isRegistered,
    onCount: (pods) => (counted = pods),
  });
  counter.stop();
  return counted;
}

const byTag = record({ name: 'a' });
const cluster = { apiVersion: 'postgresql.cnpg.io/v1', kind: 'Cluster', name: 'db', uid: 'db' };

describe('unpinned pods', () => {
  test.each<[string, PodRecord, number]>([
    ['a pod by tag', byTag, 1],
    ['a pod that admission did not see', record({ hasVerdict: false }), 1],
    [
      'a pinned pod',
      record({ images: [{ original: 'nginx:1', image: `nginx:1@sha256:${'a'.repeat(64)}` }] }),
      0,
    ],
    ['a pod by digest', record({ images: [`nginx@sha256:${'a'.repeat(64)}`] }), 0],
    ['an invalid image', record({ images: ['NGINX'] }), 0],
    ['an image that is never pulled', record({ images: [{ image: 'nginx:1', pullPolicy: 'Never' }] }), 0],
    ['a finished pod', record({ isFinished: true }), 0],
    ['a static pod', record({ isStaticPod: true }), 0],
    ['a template', record({ kind: 'Deployment' }), 0],
    ['a pod of an operator', record({ controller: cluster }), 0],
    ['a pod of kube-system', record({ namespace: 'kube-system' }), 0],
  ])('include or exclude %s', (_title, pod, expected) => {
    expect(count({}, [pod])).toBe(expected);
  });

  test('include pods of operators that the policy pins', () => {
    expect(count({ pinOwners: 'all' }, [record({ controller: cluster })])).toBe(1);
  });

  test('exclude pods where the policy does not pin', () => {
    expect([count({ pin: 'off' }, [byTag]), count({ mode: 'audit' }, [byTag])]).toEqual([0, 0]);
  });

  test('exclude pods from before the webhook was registered', () => {
    expect(count({}, [record({ hasVerdict: false })], false)).toBe(0);
  });
});
