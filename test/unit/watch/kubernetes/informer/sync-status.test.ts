import { describe, expect, test } from '@jest/globals';
import { KubernetesError, type KubernetesErrorCode } from '../../../../../src/watch/kubernetes/api.ts';
import { type Listing, missingOf } from '../../../../../src/watch/kubernetes/informer/sync-status.ts';

const listed: Listing = { isSynced: true, failure: null };
const underWay: Listing = { isSynced: false, failure: null };

function failed(code: KubernetesErrorCode, message: string): Listing {
  return { isSynced: false, failure: new KubernetesError(code, message) };
}

function forbidden(plural: string): Listing {
  return failed('Forbidden', `GET /${plural}: 403 cannot watch resource "${plural}"`);
}

describe('what was not listed yet', () => {
  test.each<[string, readonly (readonly [string, Listing])[], string | null]>([
    ['nothing', [['pods', listed]], null],
    [
      'what was once is known, whatever happens later',
      [['pods', { ...failed('Unreachable', 'GET /pods: refused'), isSynced: true }]],
      null,
    ],
    [
      'lists under way',
      [
        ['pods', underWay],
        ['nodes', listed],
        ['namespaces', underWay],
      ],
      'not listed yet: pods, namespaces',
    ],
    [
      'an API server that cannot be reached is told once',
      [
        ['pods', failed('Unreachable', 'GET /pods: connect ECONNREFUSED')],
        ['nodes', failed('Unreachable', 'GET /nodes: connect ECONNREFUSED')],
      ],
      'not listed yet: pods, nodes (GET /nodes: connect ECONNREFUSED)',
    ],
    [
      'every right that is missing is told',
      [
        ['pods', forbidden('pods')],
        ['nodes', forbidden('nodes')],
        ['namespaces', listed],
      ],
      'not listed yet: pods, nodes (GET /pods: 403 cannot watch resource "pods"; GET /nodes: 403 cannot watch resource "nodes"); the chart\'s ClusterRole has the rights that are missing',
    ],
  ])('%s', (_what, listings, said) => {
    expect(missingOf(listings)).toBe(said);
  });

  test('what the API server says is cut, and has no control characters', () => {
    const said = missingOf([['pods', failed('Server', `GET /pods: \u001b[31m${'x'.repeat(2_000)}`)]]);
    expect(said?.length).toBeLessThan(600);
    expect(said).not.toContain('\u001b');
  });
});
