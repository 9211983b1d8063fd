/** What the rooms' small observer interfaces do in a running server: count, and say it in the log. */
import type { Attempt } from '../../resolve/inspection/inspection.ts';
import type { InspectionObserver } from '../../resolve/inspection/observer.ts';
import type { Admission, AdmissionObserver } from '../../serve/admission/observer.ts';
import type { CertificateObserver } from '../../serve/certificates/source.ts';
import type { WebhookListenerObserver } from '../../serve/http/webhook-listener.ts';
import type { EventLog } from '../logs/logger.ts';
import type { Metrics } from '../metrics/metrics.ts';

/** What loading the configuration tells. */
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
        images: imagesIn(admission),
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
  };
}

export function observeCertificates(metrics: Metrics, log: EventLog): CertificateObserver {
  return {
    certificateLoaded({ notAfter, ca }) {
      metrics.upkeep.certificateLoaded(notAfter);
      const caBundle = ca === undefined ? null : Buffer.from(ca).toString('base64');
      log.write('certificate-loaded', { notAfter: notAfter.toISOString(), caBundle });
    },
    certificateRejected(error) {
      metrics.upkeep.certificateRejected();
      log.write('certificate-rejected', { error });
    },
  };
}

export function observeConfiguration(metrics: Metrics, log: EventLog): ConfigurationObserver {
  return {
    configurationLoaded(file) {
      metrics.upkeep.configurationLoaded();
      log.write('configuration-loaded', { file });
    },
    configurationRejected(file, error) {
      metrics.upkeep.configurationRejected();
      log.write('configuration-rejected', { file, error });
    },
  };
}

/** Most images of a warm request are available and make no text. */
function imagesIn({ images }: Admission): string | null {
  const odd = images.filter(({ result }) => result !== 'available');
  if (odd.length === 0) return null;
  const texts = odd.slice(0, 8).map(({ use, result }) => `${use.image} ${result}`);
  return texts.join(', ');
}
