import { describe, expect, test } from '@jest/globals';
import { maxEndpoints, maxRegistries } from '../../../../src/observe/metrics/endpoint-names.ts';
import { Metrics } from '../../../../src/observe/metrics/metrics.ts';
import type { Attempt } from '../../../../src/resolve/inspection/inspection.ts';
import { attempt } from '../../../kit/fakes/inspections.ts';

const mirror = attempt({ requests: 2, tokenRequests: 1, durationMs: 30 });
const upstream = (registry: string): Attempt => ({
  ...mirror,
  endpoint: `https://${registry}/v2`,
  role: 'upstream',
  configured: false,
});

/** Lines of one metric, without its comments. */
async function lines(metrics: Metrics, name: string): Promise<string[]> {
  const text = await metrics.render();
  return text.split('\n').filter((line) => line.startsWith(`pratique_${name}`));
}

describe('InspectionMetrics', () => {
  test('labels a configured endpoint by its URL', async () => {
    const metrics = new Metrics('1.0.0');
    metrics.inspections.attempted(mirror, 'docker.io');
    metrics.inspections.attempted({ ...mirror, result: 'not-found' }, 'docker.io');
    const at = 'endpoint="https://mirror.corp:5000/v2",registry=""';
    expect(await lines(metrics, 'endpoint_inspections_total')).toEqual([
      `pratique_endpoint_inspections_total{${at},role="mirror",outcome="available"} 1`,
      `pratique_endpoint_inspections_total{${at},role="mirror",outcome="not-found"} 1`,
    ]);
    expect(await lines(metrics, 'endpoint_http_requests_total')).toEqual([
      `pratique_endpoint_http_requests_total{${at},purpose="content"} 4`,
      `pratique_endpoint_http_requests_total{${at},purpose="token"} 2`,
    ]);
    expect(await lines(metrics, 'endpoint_inspection_duration_seconds')).toEqual(
      expect.arrayContaining([
        `pratique_endpoint_inspection_duration_seconds_bucket{le="0.025",${at}} 0`,
        `pratique_endpoint_inspection_duration_seconds_bucket{le="0.05",${at}} 2`,
        `pratique_endpoint_inspection_duration_seconds_count{${at}} 2`,
      ]),
    );
  });

  test('counts a skipped endpoint without a duration', async () => {
    const metrics = new Metrics('1.0.0');
    metrics.inspections.attempted(
      { ...mirror, result: 'skipped', requests: 0, tokenRequests: 0 },
      'docker.io',
    );
    expect(await lines(metrics, 'endpoint_inspections_total')).toHaveLength(1);
    expect(await lines(metrics, 'endpoint_http_requests_total')).toEqual([]);
    expect(await lines(metrics, 'endpoint_inspection_duration_seconds')).toEqual([]);
  });

  test('labels the first 50 registries that are not configured by host, then other', async () => {
    const metrics = new Metrics('1.0.0');
    for (let i = 0; i < 10 * maxRegistries; i += 1) {
      metrics.inspections.attempted(upstream(`r${i}.example`), `r${i}.example`);
    }
    const counted = await lines(metrics, 'endpoint_inspections_total');
    expect(counted).toHaveLength(maxRegistries + 1);
    expect(counted[0]).toContain('{endpoint="upstream",registry="r0.example",role="upstream"');
    expect(counted.at(-1)).toMatch(/endpoint="upstream",registry="other",.* 450$/);
  });

  test('bounds the labels of configured endpoints', async () => {
    const metrics = new Metrics('1.0.0');
    for (let i = 0; i < maxEndpoints + 5; i += 1) {
      metrics.inspections.attempted({ ...mirror, endpoint: `https://m${i}/v2` }, 'docker.io');
    }
    const counted = await lines(metrics, 'endpoint_inspections_total');
    expect(counted).toHaveLength(maxEndpoints + 1);
    expect(counted.at(-1)).toMatch(/endpoint="other",registry="",.* 5$/);
  });

  test('labels a breaker that opens before its attempt is reported', async () => {
    const metrics = new Metrics('1.0.0');
    metrics.inspections.breaker(mirror.endpoint, true);
    metrics.inspections.attempted(mirror, 'docker.io');
    metrics.inspections.attempted(upstream('ghcr.io'), 'ghcr.io');
    const [at, ghcr] = [
      'endpoint="https://mirror.corp:5000/v2",registry=""',
      'endpoint="upstream",registry="ghcr.io"',
    ];
    expect(await lines(metrics, 'endpoint_breaker_open')).toEqual([
      `pratique_endpoint_breaker_open{${at}} 1`,
      `pratique_endpoint_breaker_open{${ghcr}} 0`,
    ]);
    metrics.inspections.breaker(mirror.endpoint, false);
    expect(await lines(metrics, 'endpoint_breaker_open')).toContain(
      `pratique_endpoint_breaker_open{${at}} 0`,
    );
  });

  test('escapes line breaks in image names', async () => {
    const metrics = new Metrics('1.0.0');
    const registry = 'evil"} 1\npratique_forged 1\n#';
    metrics.inspections.attempted(upstream(registry), registry);
    expect(await lines(metrics, 'forged')).toEqual([]);
    expect(await lines(metrics, 'endpoint_inspections_total')).toHaveLength(1);
  });

  test('counts results and cache events', async () => {
    const metrics = new Metrics('1.0.0');
    metrics.inspections.inspected('denied');
    metrics.inspections.cache('hit');
    metrics.inspections.cache('hit');
    expect(await lines(metrics, 'inspections_total')).toEqual([
      'pratique_inspections_total{result="denied"} 1',
    ]);
    expect(await lines(metrics, 'cache_events_total')).toEqual([
      'pratique_cache_events_total{event="hit"} 2',
    ]);
    expect(await lines(metrics, 'cache_events_total')).toEqual([
      'pratique_cache_events_total{event="hit"} 2',
    ]);
  });
});
