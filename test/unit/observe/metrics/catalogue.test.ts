import { describe, expect, test } from '@jest/globals';
import { catalogue, type MetricSpec } from '../../../../src/observe/metrics/catalogue.ts';
import { Metrics } from '../../../../src/observe/metrics/metrics.ts';

const specs = Object.values<MetricSpec>(catalogue);

describe('the catalogue of metrics', () => {
  test('has exactly the metrics that the registry renders', async () => {
    const text = await new Metrics('1.0.0').render();
    const shown = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => `${name} ${type}`);
    expect(shown.sort()).toEqual(specs.map(({ name, type }) => `${name} ${type}`).sort());
  });

  test('a gauge without a value is not rendered, a counter is 0', async () => {
    const metrics = new Metrics('1.0.0');
    expect(await metrics.render()).not.toMatch(/^pratique_(leader|certificate_expiry_timestamp_seconds) /m);
    expect(await metrics.render()).toMatch(/^pratique_tls_handshake_failures_total 0$/m);
    expect(await metrics.render()).toMatch(/^pratique_config_reloads_total\{outcome="failure"\} 0$/m);
    expect(await metrics.render()).toMatch(
      /^pratique_admission_deadline_exceeded_total\{webhook="validate"\} 0$/m,
    );
    metrics.cluster.leading(false);
    expect(await metrics.render()).toMatch(/^pratique_leader 0$/m);
  });

  test('two instances in one process do not share values', async () => {
    const [one, other] = [new Metrics('1.0.0'), new Metrics('1.0.0')];
    one.cluster.podMissed();
    expect(await one.render()).toContain('pratique_pods_missed_total 1');
    expect(await other.render()).toContain('pratique_pods_missed_total 0');
  });

  test('the buckets of admission_duration_seconds end at 2.5 s or later', () => {
    expect(Math.max(...catalogue.admissionDuration.buckets)).toBeGreaterThanOrEqual(2.5);
  });
});
