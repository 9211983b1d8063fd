import { beforeEach, describe, expect, test } from '@jest/globals';
import type { PodRecord } from '../../../../../src/watch/cluster/records/pod-record.ts';
import { SkippedPods } from '../../../../../src/watch/controller/usage/skipped-pods.ts';
import type { Change } from '../../../../../src/watch/kubernetes/informer/store.ts';
import { record, type RecordParts } from '../records.ts';
import { ReconcilerHarness } from '../harness.ts';

let stage: ReconcilerHarness;
let there: PodRecord[];
let listeners: Set<(change: Change<PodRecord>) => void>;
let counts: number[];

beforeEach(() => {
  [stage, there, listeners, counts] = [new ReconcilerHarness(), [], new Set(), []];
});

function counting(): SkippedPods {
  return new SkippedPods({
    pods: {
      values: () => there.values(),
      subscribe: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
    context: () => stage.context(),
    ownNamespace: 'pratique-system',
    onCount: (pods) => counts.push(pods),
  });
}

function change(before: PodRecord | undefined, after: PodRecord | undefined): void {
  for (const listener of listeners) listener({ key: '', before, after });
}

const pod = (parts: RecordParts = {}) => record({ hasSkipLabel: true, ...parts });

describe('pods with the skip label', () => {
  test('are counted at the start and with each change', () => {
    there = [pod(), pod({ name: 'web-2' }), record({ name: 'plain' })];
    const optedOut = counting();
    expect(counts).toEqual([2]);
    change(undefined, pod({ name: 'web-3' }));
    change(pod({ name: 'web-3' }), record({ name: 'web-3' }));
    change(pod(), pod({ isFinished: true }));
    change(pod({ isFinished: true }), undefined);
    expect(counts).toEqual([2, 3, 2, 1]);
    optedOut.stop();
    expect(listeners.size).toBe(0);
  });

  test('are not reported again for unrelated changes', () => {
    counting();
    change(undefined, record());
    change(record(), undefined);
    expect(counts).toEqual([0]);
  });

  test.each<[string, RecordParts]>([
    ['of the system', { namespace: 'kube-system' }],
    ['our own', { namespace: 'pratique-system' }],
    ['mirrors of static ones', { isStaticPod: true }],
    ['that are over', { isFinished: true }],
  ])('do not count %s', (_what, parts) => {
    there = [pod(parts)];
    counting();
    expect(counts).toEqual([0]);
  });

  test('do not count where the policy ignores the label', () => {
    there = [pod(), pod({ namespace: 'strict' }), pod({ namespace: 'strict', name: 'web-2' })];
    stage.policy = { skipLabel: true, rules: [{ namespaces: ['strict'], skipLabel: false }] };
    const optedOut = counting();
    stage.policy = { skipLabel: false };
    optedOut.report();
    stage.policy = { skipLabel: true };
    optedOut.report();
    expect(counts).toEqual([1, 0, 3]);
  });
});
