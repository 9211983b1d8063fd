/**
 * Observers of admission, inspections, listeners, certificates and configuration, which write log events and
 * count.
 */
import type { Attempt } from '../../resolve/inspection/inspection.ts';
import type { InspectionObserver } from '../../resolve/inspection/observer.ts';
import type { Admission, AdmissionObserver } from '../../serve/admission/observer.ts';
import type { ExpiryObserver } from '../../serve/certificates/expiry.ts';
import type { CertificateObserver } from '../../serve/certificates/source.ts';
import type { EngineApiObserver } from '../../serve/engine-api/engine-app.ts';
import type { ReadinessObserver } from '../../serve/http/readiness-watch.ts';
import type { WebhookListenerObserver } from '../../serve/http/webhook-listener.ts';
import type { EventLog } from '../logs/logger.ts';
import type { Metrics } from '../metrics/metrics.ts';

/** Callbacks of the live configuration. */
export interface ConfigurationObserver {
  configurationLoaded(file: string): void;
  configurationRejected(file: string, error: unknown): void;
}

export function observeAdmissions(metrics: Metrics, log: EventLog): AdmissionObserver {
  return {
    answered(admission) {
      metrics.admissions.answered(admission);
      log.write('admission', {
        ...admission,
        images: formatImages(admission),
        durationMs: Math.round(admission.durationMs * 1000) / 1000,
      });
      const { uid, error } = admission;
      if (error !== null && error !== undefined) log.write('admission-failed', { uid, error });
    },
  };
}

export function observeInspections(metrics: Metrics, log: EventLog): InspectionObserver {
  const { inspections } = metrics;
  return {
    attempted(attempt: Attempt, registry) {
      inspections.attempted(attempt, registry);
      log.write('endpoint-queried', attempt);
    },
    breaker(endpoint, open) {
      inspections.breaker(endpoint, open);
      log.write(open ? 'breaker-opened' : 'breaker-closed', { endpoint });
    },
    cache: (event) => inspections.cache(event),
    inspected: (result) => inspections.inspected(result),
  };
}

export function observeWebhookListener(metrics: Metrics, log: EventLog): WebhookListenerObserver {
  return {
    handshakeFailed(error) {
      metrics.admissions.handshakeFailed();
      log.write('handshake-failed', { error });
    },
    handlerFailed(webhook, error) {
      metrics.admissions.handlerFailed(webhook);
      log.write('webhook-internal-error', { webhook, error });
    },
    connectionRejected: (reason) => metrics.admissions.connectionRejected(reason),
    requestRejected: (reason) => metrics.admissions.requestRejected(reason),
  };
}

export function observeEngineApi(metrics: Metrics, log: EventLog): EngineApiObserver {
  return {
    answered: (status) => metrics.engineApiRequests.inc(status === null ? 'none' : String(status)),
    requestFailed: (error) => log.write('engine-api-internal-error', { error }),
  };
}

export function observeCertificates(metrics: Metrics, log: EventLog): CertificateObserver & ExpiryObserver {
  return {
    certificateLoaded({ notAfter, ca }) {
      metrics.lifecycle.certificateLoaded(notAfter);
      const caBundle = ca === undefined ? null : Buffer.from(ca).toString('base64');
      log.write('certificate-loaded', { notAfter: notAfter.toISOString(), caBundle });
    },
    certificateExpiring(notAfter, daysLeft) {
      const fields = { notAfter: notAfter.toISOString() };
      if (daysLeft === 0) log.write('certificate-expired', fields);
      else log.write('certificate-expiring', { ...fields, daysLeft });
    },
    certificateRejected(error) {
      metrics.lifecycle.certificateRejected();
      log.write('certificate-rejected', { error });
    },
  };
}

export function observeConfiguration(metrics: Metrics, log: EventLog): ConfigurationObserver {
  return {
    configurationLoaded(file) {
      metrics.lifecycle.configurationLoaded();
      log.write('configuration-loaded', { file });
    },
    configurationRejected(file, error) {
      metrics.lifecycle.configurationRejected();
      log.write('configuration-rejected', { file, error });
    },
  };
}

/** Logs every change of a readiness check with its reason. */
export function observeReadiness(log: EventLog): ReadinessObserver {
  return {
    checkChanged(check, reason) {
      if (reason === null) log.write('readiness-check-passed', { check });
      else log.write('readiness-check-failed', { check, reason });
    },
  };
}

/** Returns the images that are not available; null for most requests. */
function formatImages({ images }: Admission): string | null {
  const others = images.filter(({ result }) => result !== 'available');
  if (others.length === 0) return null;
  const texts = others.slice(0, 8).map(({ use, result }) => `${use.image} ${result}`);
  return texts.join(', ');
}
