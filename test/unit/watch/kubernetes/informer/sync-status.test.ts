import { describe, expect, test } from '@jest/globals';
import { KubernetesError, type KubernetesErrorCode } from '../../../../../src/watch/kubernetes/api.ts';
import {
  type SyncStatus,
  describeUnsynced,
} from '../../../../../src/watch/kubernetes/informer/sync-status.ts';

const synced: SyncStatus = { isSynced: true, failure: null };
const inProgress: SyncStatus = { isSynced: false, failure: null };

function failed(code: KubernetesErrorCode, message: string): SyncStatus {
  return { isSynced: false, failure: new KubernetesError(code, message) };
}

function forbidden(plural: string): SyncStatus {
  return failed('Forbidden', `GET /${plural}: 403 cannot watch resource "${plural}"`);
}

describe('describeUnsynced', () => {
  test.each<[string, readonly (readonly [string, SyncStatus])[], string | null]>([
    ['returns null if all are synced', [['pods', synced]], null],
    [
      'ignores failures after the first sync',
      [['pods', { ...failed('Unreachable', 'GET /pods: refused'), isSynced: true }]],
      null,
    ],
    [
      'names lists in progress',
      [
        ['pods', inProgress],
        ['nodes', synced],
        ['namespaces', inProgress],
      ],
      'not synced: pods, namespaces',
    ],
    [
      'names an unreachable API server once',
      [
        ['pods', failed('Unreachable', 'GET /pods: connect ECONNREFUSED')],
        ['nodes', failed('Unreachable', 'GET /nodes: connect ECONNREFUSED')],
      ],
      'not synced: pods, nodes (GET /nodes: connect ECONNREFUSED)',
    ],
    [
      'names every forbidden resource',
      [
        ['pods', forbidden('pods')],
        ['nodes', forbidden('nodes')],
        ['namespaces', synced],
      ],
      'not synced: pods, nodes (GET /pods: 403 cannot watch resource "pods"; GET /nodes: 403 cannot watch resource "nodes"); apply the chart\'s ClusterRole, which grants the missing permissions',
    ],
  ])('%s', (_title, statuses, message) => {
    expect(describeUnsynced(statuses)).toBe(message);
  });

  test('cuts messages of the API server and removes control characters', () => {
    const message = describeUnsynced([
      ['pods', failed('Server', `GET /pods: \u001b[31m${'x'.repeat(2_000)}`)],
    ]);
    expect(message?.length).toBeLessThan(600);
    expect(message).not.toContain('\u001b');
  });
});
