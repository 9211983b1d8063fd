import { beforeEach, describe, expect, test } from '@jest/globals';
import { Metrics } from '../../../../src/observe/metrics/metrics.ts';

let metrics: Metrics;
beforeEach(() => {
  metrics = new Metrics('1.2.3');
});

async function lines(of: RegExp): Promise<readonly string[]> {
  return (await metrics.render()).split('\n').filter((line) => of.test(line) && !line.startsWith('#'));
}

describe('ClusterMetrics of a leader', () => {
  test('renders images by result', async () => {
    metrics.cluster.images({
      results: new Map([
        ['available', 12],
        ['not-found', 1],
      ]),
      drifted: 2,
    });
    expect(await lines(/^pratique_images/)).toEqual([
      'pratique_images{result="available"} 12',
      'pratique_images{result="not-found"} 1',
      'pratique_images_drifted 2',
    ]);
  });

  test('removes its gauges after it loses leadership, because a sum must not count twice', async () => {
    metrics.cluster.images({ results: new Map([['available', 12]]), drifted: 0 });
    metrics.cluster.queued(3);
    metrics.cluster.optedOut(2);
    expect(await lines(/^pratique_pods_opted_out/)).toEqual(['pratique_pods_opted_out 2']);
    metrics.cluster.podMissed();
    metrics.cluster.images(null);
    expect(await lines(/^pratique_(images|workqueue|pods_opted)/)).toEqual([]);
    expect(await lines(/^pratique_pods_missed/)).toEqual(['pratique_pods_missed_total 1']);
  });
});

test('counts API requests by their HTTP status, or none', async () => {
  metrics.cluster.requested('list', 'pods', 200);
  metrics.cluster.requested('list', 'pods', null);
  expect(await lines(/^pratique_rest_client/)).toEqual([
    'pratique_rest_client_requests_total{verb="list",resource="pods",code="200"} 1',
    'pratique_rest_client_requests_total{verb="list",resource="pods",code="none"} 1',
  ]);
});
