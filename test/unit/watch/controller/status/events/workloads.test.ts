import { describe, expect, test } from '@jest/globals';
import { countUsers, workloadsOf } from '../../../../../../src/watch/controller/status/events/workloads.ts';
import { record } from '../../records.ts';

const controller = (kind: string, name: string, apiVersion = 'apps/v1') => ({
  apiVersion,
  kind,
  name,
  uid: `uid-${name}`,
});
const deployment = record({
  kind: 'Deployment',
  name: 'web',
  uid: 'uid-web',
  controller: controller('Deployment', 'web'),
});
const replicaSet = record({
  kind: 'ReplicaSet',
  name: 'web-1',
  uid: 'uid-web-1',
  controller: controller('Deployment', 'web'),
});
const pod = (name: string) => record({ name, controller: controller('ReplicaSet', 'web-1') });

describe('workloadsOf', () => {
  test('returns the Deployment for its ReplicaSets and pods', () => {
    const users = [pod('a'), pod('b'), replicaSet, deployment];
    expect(workloadsOf(users)).toEqual([
      { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop', name: 'web', uid: 'uid-web' },
    ]);
    expect(countUsers(users)).toEqual({ pods: 2, workloads: 1, names: ['Deployment/web'] });
  });

  test('returns the ReplicaSet of pods if its template is unknown', () => {
    expect(workloadsOf([pod('a'), pod('b')])).toEqual([
      { apiVersion: 'apps/v1', kind: 'ReplicaSet', namespace: 'shop', name: 'web-1', uid: 'uid-web-1' },
    ]);
  });

  test('returns a pod without a controller itself', () => {
    expect(workloadsOf([record({ name: 'lone' })])).toMatchObject([
      { apiVersion: 'v1', kind: 'Pod', name: 'lone', uid: 'uid-shop-lone' },
    ]);
  });

  test('ignores finished pods', () => {
    expect(countUsers([record({ isFinished: true }), { ...replicaSet, isFinished: true }])).toEqual({
      pods: 0,
      workloads: 0,
      names: [],
    });
  });

  test('terminates for owners that refer to each other', () => {
    const [a, b] = [
      record({ kind: 'Job', name: 'a', uid: 'uid-a', controller: controller('Job', 'b', 'batch/v1') }),
      record({ kind: 'Job', name: 'b', uid: 'uid-b', controller: controller('Job', 'a', 'batch/v1') }),
    ];
    expect(workloadsOf([a, b])).toHaveLength(2);
  });
});
