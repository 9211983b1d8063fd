/** What Prometheus's own tool says of the metrics, served by the real listener. It fails where `promtool` is missing. */
import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Metrics } from '../../src/observe/metrics/metrics.ts';
import { MetricsListener } from '../../src/serve/http/metrics-listener.ts';
import { Readiness } from '../../src/serve/http/readiness.ts';
import { attempt } from '../kit/fakes/inspections.ts';

const metrics = new Metrics('1.0.0');
const listener = new MetricsListener({
  address: { kind: 'tcp', host: '127.0.0.1', port: 0 },
  readiness: new Readiness(),
  metrics,
});
let port = 0;

beforeAll(async () => {
  const bound = await listener.start();
  if (bound.kind === 'tcp') port = bound.port;
});
afterAll(() => listener.stop());

/** Something in every metric that has labels. */
function fill(): void {
  const mirror = attempt({ tokenRequests: 1, durationMs: 12 });
  metrics.inspections.attempted(mirror, 'docker.io');
  metrics.inspections.attempted({ ...mirror, configured: false }, 'weird"host\\\n');
  metrics.inspections.breaker(mirror.endpoint, true);
  metrics.inspections.inspected('available');
  metrics.inspections.cache('hit');
  metrics.engineApiRequests.inc('200');
  metrics.cluster.images({ results: new Map([['available', 3]]), drifted: 0 });
  metrics.lifecycle.certificateLoaded(new Date());
  metrics.lifecycle.configurationLoaded();
  metrics.admissions.handlerFailed('mutate');
  metrics.admissions.answered({
    webhook: 'mutate',
    operation: 'CREATE',
    decision: 'allow',
    reason: 'none',
    exemption: 'OptOut',
    late: true,
    dryRun: false,
    uid: 'u-1',
    kind: 'Pod',
    namespace: 'team-a',
    name: 'web',
    message: '',
    images: [],
    durationMs: 1,
    error: null,
  });
}

test.each([
  ['empty', () => undefined],
  ['filled', fill],
])('promtool check metrics has nothing to say: %s', async (_, prepare) => {
  prepare();
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const { status, error, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], {
    input: text,
    encoding: 'utf8',
  });
  expect({ error, status, said: stdout + stderr }).toEqual({ error: undefined, status: 0, said: '' });
  expect(text).toContain('pratique_build_info{');
});
