import { beforeEach, describe, expect, test } from '@jest/globals';
import { observeEvents } from '../../../../src/observe/observers/controller.ts';
import { Logger } from '../../../../src/observe/logs/logger.ts';
import { Metrics } from '../../../../src/observe/metrics/metrics.ts';
import {
  observeAdmissions,
  observeCertificates,
  observeConfiguration,
  observeInspections,
  observeWebhookListener,
} from '../../../../src/observe/observers/server.ts';
import type { Admission } from '../../../../src/serve/admission/observer.ts';
import { CertificateError } from '../../../../src/serve/certificates/source.ts';
import { KubernetesError } from '../../../../src/watch/kubernetes/api.ts';

let metrics: Metrics;
let lines: Record<string, unknown>[];
let log: Logger;

beforeEach(() => {
  metrics = new Metrics('1.0.0');
  lines = [];
  log = new Logger('info', { write: (line) => lines.push(JSON.parse(line) as Record<string, unknown>) });
});

const admission: Admission = {
  webhook: 'validate',
  operation: 'CREATE',
  decision: 'allow',
  reason: 'available',
  exemption: null,
  late: false,
  dryRun: false,
  uid: 'u-1',
  kind: 'Pod',
  namespace: 'team-a',
  name: 'web',
  message: '',
  images: [],
  durationMs: 1.23456,
  error: null,
};

describe('observeAdmissions', () => {
  test('writes one line and counts one request for an admission', async () => {
    observeAdmissions(metrics, log).answered(admission);
    expect(lines).toEqual([
      {
        level: 'info',
        time: expect.any(Number),
        event: 'admission',
        webhook: 'validate',
        operation: 'CREATE',
        decision: 'allow',
        reason: 'available',
        uid: 'u-1',
        kind: 'Pod',
        namespace: 'team-a',
        name: 'web',
        durationMs: 1.235,
      },
    ]);
    const text = await metrics.render();
    expect(text).toContain(
      'pratique_admission_requests_total{webhook="validate",operation="CREATE",decision="allow",reason="available"} 1',
    );
    expect(text).toContain('pratique_admission_duration_seconds_bucket{le="0.001",webhook="validate"} 0');
    expect(text).toContain('pratique_admission_duration_seconds_bucket{le="0.0025",webhook="validate"} 1');
    expect(text).toContain('pratique_admission_deadline_exceeded_total{webhook="validate"} 0');
  });

  test('writes a line with the stack of an internal error and counts late and exempt requests', async () => {
    const failed = { ...admission, decision: 'error', late: true, error: new TypeError('oh') } as const;
    const observer = observeAdmissions(metrics, log);
    observer.answered(failed);
    observer.answered({ ...admission, exemption: 'OptOut' });
    expect(lines.map(({ event }) => event)).toEqual(['admission', 'admission-failed', 'admission']);
    expect(lines[0]).toMatchObject({ late: true });
    expect(lines[1]).toMatchObject({
      level: 'error',
      uid: 'u-1',
      error: expect.stringMatching(/^TypeError: oh \| at /),
    });
    const text = await metrics.render();
    expect(text).toContain('pratique_admission_deadline_exceeded_total{webhook="validate"} 1');
    expect(text).toContain('pratique_admission_exempt_total{webhook="validate",exemption="OptOut"} 1');
  });

  test('names at most 8 images that are not available', () => {
    const image = (name: string, result: string) => ({ use: { image: name }, result });
    const images = [
      image('good', 'available'),
      ...Array.from({ length: 20 }, (_, i) => image(`i${i}`, 'not-found')),
    ];
    observeAdmissions(metrics, log).answered({
      ...admission,
      images: images as unknown as Admission['images'],
    });
    const text = String(lines[0]?.['images']);
    expect(text).toMatch(/^i0 not-found, i1 not-found, /);
    expect(text.split(', ')).toHaveLength(8);
  });
});

describe('the other observers', () => {
  test('log a breaker when it opens and when it closes', () => {
    const observer = observeInspections(metrics, log);
    observer.breaker('https://mirror/v2', true);
    observer.breaker('https://mirror/v2', false);
    expect(lines.map(({ level, event }) => [level, event])).toEqual([
      ['warn', 'breaker-opened'],
      ['info', 'breaker-closed'],
    ]);
  });

  test('log and count a loaded and a rejected certificate', async () => {
    const observer = observeCertificates(metrics, log);
    observer.certificateLoaded({ cert: '', key: 'secret key', notAfter: new Date(1_800_000_000_000) });
    observer.certificateRejected(new CertificateError('Mismatch', 'no pair'));
    const text = await metrics.render();
    expect(text).toContain('pratique_certificate_expiry_timestamp_seconds 1800000000');
    expect(text).toContain('pratique_certificate_reloads_total{outcome="failure"} 1');
    expect(lines).toMatchObject([
      { notAfter: '2027-01-15T08:00:00.000Z' },
      { level: 'error', error: 'no pair' },
    ]);
    expect(JSON.stringify(lines)).not.toContain('secret key');
  });

  test('show a rejected configuration until a valid one is loaded', async () => {
    const observer = observeConfiguration(metrics, log);
    observer.configurationLoaded('a.yaml');
    observer.configurationRejected('a.yaml', new Error('line 3'));
    expect(await metrics.render()).toContain('pratique_config_last_reload_successful 0');
    observer.configurationLoaded('a.yaml');
    const text = await metrics.render();
    expect(text).toContain('pratique_config_last_reload_successful 1');
    expect(text).toContain('pratique_config_reloads_total{outcome="success"} 2');
    expect(text).toContain('pratique_config_reloads_total{outcome="failure"} 1');
  });

  test('failed Event writes are logged once per error, and each one is counted', async () => {
    const observer = observeEvents(metrics, log);
    const regarding = { apiVersion: 'v1', kind: 'Pod', namespace: 'shop', name: 'web', uid: '1' };
    const occurrence = { regarding, type: 'Warning', reason: 'ImageNotFound', message: '' } as const;
    const refused = (name: string) => new KubernetesError('Forbidden', `POST events ${name}: 403`);
    observer.failed(occurrence, refused('a'));
    observer.failed(occurrence, refused('b'));
    expect(lines).toMatchObject([
      { event: 'event-failed', namespace: 'shop', name: 'web', reason: 'ImageNotFound' },
    ]);
    observer.dropped(occurrence);
    const text = await metrics.render();
    expect(text).toContain('pratique_events_discarded_total{reason="failed"} 2');
    expect(text).toContain('pratique_events_discarded_total{reason="dropped"} 1');
  });

  test('count failed handshakes at level debug and log internal errors', async () => {
    const observer = observeWebhookListener(metrics, log);
    observer.handshakeFailed(new Error('unknown ca'));
    observer.handlerFailed('mutate', new Error('bug'));
    expect(lines.map(({ event }) => event)).toEqual(['webhook-internal-error']);
    const text = await metrics.render();
    expect(text).toContain('pratique_tls_handshake_failures_total 1');
    expect(text).toContain('pratique_webhook_internal_errors_total{webhook="mutate"} 1');
  });
});
