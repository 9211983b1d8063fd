/** Metrics of admission requests: decisions, duration, exceeded deadlines and failures. */
import { Histogram, type Registry } from 'prom-client';
import type { Admission, AdmissionObserver, Webhook } from '../../serve/admission/observer.ts';
import type { ConnectionRejection } from '../../serve/http/limits/connection-limits.ts';
import type { RequestRejection } from '../../serve/http/webhook-listener.ts';
import { catalogue } from './catalogue.ts';
import { type Counts, FastMetric } from './fast-counter.ts';

const webhooks = [['mutate'], ['validate']] as const;

export class AdmissionMetrics implements AdmissionObserver {
  readonly #requests: Counts<'admissionRequests'>;
  readonly #exempt: Counts<'admissionExempt'>;
  readonly #deadlineExceeded: Counts<'admissionDeadlineExceeded'>;
  readonly #internalErrors: Counts<'webhookInternalErrors'>;
  readonly #handshakes: Counts<'handshakeFailures'>;
  readonly #connections: Counts<'connectionsRejected'>;
  readonly #rejected: Counts<'requestsRejected'>;
  /** One child metric per webhook, resolved once, which halves the time of an observation. */
  readonly #durations: Readonly<Record<Webhook, { observe(seconds: number): void }>>;

  constructor(registry: Registry) {
    this.#requests = new FastMetric(catalogue.admissionRequests, registry);
    this.#exempt = new FastMetric(catalogue.admissionExempt, registry);
    this.#deadlineExceeded = new FastMetric(catalogue.admissionDeadlineExceeded, registry).initialize(
      ...webhooks,
    );
    this.#internalErrors = new FastMetric(catalogue.webhookInternalErrors, registry).initialize(...webhooks);
    this.#handshakes = new FastMetric(catalogue.handshakeFailures, registry);
    this.#connections = new FastMetric(catalogue.connectionsRejected, registry).initialize(
      ['not-allowed'],
      ['too-many'],
      ['unused'],
    );
    this.#rejected = new FastMetric(catalogue.requestsRejected, registry).initialize(
      ['too-large'],
      ['evicted'],
      ['late'],
      ['too-many-keys'],
      ['client-certificate'],
    );
    const { name, help, labels, buckets } = catalogue.admissionDuration;
    const options = { name, help, labelNames: labels, buckets: [...buckets], registers: [registry] };
    const durations = new Histogram(options);
    this.#durations = { mutate: durations.labels('mutate'), validate: durations.labels('validate') };
  }

  answered({ webhook, operation, decision, reason, exemption, late, durationMs }: Admission): void {
    this.#requests.inc(webhook, operation, decision, reason);
    this.#durations[webhook].observe(durationMs / 1000);
    if (exemption !== null) this.#exempt.inc(webhook, exemption);
    if (late) this.#deadlineExceeded.inc(webhook);
  }

  handlerFailed(webhook: Webhook): void {
    this.#internalErrors.inc(webhook);
  }

  connectionRejected(reason: ConnectionRejection): void {
    this.#connections.inc(reason);
  }

  requestRejected(reason: RequestRejection): void {
    this.#rejected.inc(reason);
  }

  handshakeFailed(): void {
    this.#handshakes.inc();
  }
}
