import { describe, expect, test } from '@jest/globals';
import { canChange } from '../../../../src/judge/policy/pin-owners.ts';
import type { Policy } from '../../../../src/judge/policy/schema.ts';
import { templateOf } from '../../../../src/judge/workload/workload.ts';
import { deployment, pod } from '../../../kit/fakes/pods.ts';

interface Owner {
  readonly apiVersion: string;
  readonly kind: string;
  readonly controller?: boolean;
}

function changes(owners: readonly Owner[], pinOwners: Policy['pinOwners'] = 'builtin'): boolean {
  const workload = templateOf(pod('p').container('nginx:1').meta('ownerReferences', owners).build());
  if (!workload) throw new Error('a pod is a workload');
  return canChange(workload, { pinOwners });
}

const controlled = (apiVersion: string, kind: string): Owner => ({ apiVersion, kind, controller: true });

describe('canChange', () => {
  test.each([
    ['apps/v1', 'ReplicaSet', true],
    ['apps/v1', 'StatefulSet', true],
    ['apps/v1', 'DaemonSet', true],
    ['batch/v1', 'Job', true],
    ['v1', 'ReplicationController', true],
    ['apps.kruise.io/v1beta1', 'StatefulSet', false],
    ['postgresql.cnpg.io/v1', 'Cluster', false],
    ['v1', 'ReplicaSet', false],
    ['apps/v1', 'Deployment', false],
    ['operators.coreos.com/v1alpha1', 'CatalogSource', false],
  ])('a pod controlled by %s %s is changed by default: %s', (apiVersion, kind, wanted) => {
    expect(changes([controlled(apiVersion, kind)])).toBe(wanted);
  });

  test('a pod without a controller is changed, whatever owns it', () => {
    expect(changes([])).toBe(true);
    expect(changes([{ apiVersion: 'postgresql.cnpg.io/v1', kind: 'Cluster' }])).toBe(true);
  });

  test('a listed kind is changed besides the built-in ones', () => {
    const list = ['apps.kruise.io/StatefulSet'];
    expect(changes([controlled('apps.kruise.io/v1beta1', 'StatefulSet')], list)).toBe(true);
    expect(changes([controlled('apps/v1', 'ReplicaSet')], list)).toBe(true);
    expect(changes([controlled('postgresql.cnpg.io/v1', 'Cluster')], list)).toBe(false);
  });

  test('every pod is changed with all', () => {
    expect(changes([controlled('postgresql.cnpg.io/v1', 'Cluster')], 'all')).toBe(true);
  });

  test('a template has no controller that compares its pods', () => {
    const workload = templateOf({
      ...deployment('web', pod('t').container('nginx:1')),
      metadata: { ownerReferences: [controlled('example.com/v1', 'App')] },
    });
    expect(workload && canChange(workload, { pinOwners: 'builtin' })).toBe(true);
  });
});
