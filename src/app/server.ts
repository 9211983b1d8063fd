/**
 * Command `pratique serve`: starts listeners, configuration watch and replica in order, and stops them in
 * reverse order.
 */
import type { RecordedFiles } from '../config/files.ts';
import { ConfigurationWatch } from '../config/watch.ts';
import {
  observeCertificates,
  observeEngineApi,
  observeReadiness,
  observeWebhookListener,
} from '../observe/observers/server.ts';
import { watchExpiry } from '../serve/certificates/expiry.ts';
import type { CertificateObserver, CertificateSource } from '../serve/certificates/source.ts';
import { EngineApiListener } from '../serve/engine-api/engine-api-listener.ts';
import { type DrainTimes, defaultDrainTimes } from '../serve/http/drain.ts';
import { createAddressFilter } from '../serve/http/limits/allowed-clients.ts';
import { formatListenAddress, type ListenAddress } from '../serve/http/listen-address.ts';
import { MetricsListener } from '../serve/http/metrics-listener.ts';
import { Readiness } from '../serve/http/readiness.ts';
import { watchReadiness } from '../serve/http/readiness-watch.ts';
import { WebhookListener } from '../serve/http/webhook-listener.ts';
import { clean } from '../util/text/text.ts';
import { aborted } from '../util/async/abort.ts';
import { createCertificateSource } from './certificate-source.ts';
import { loadClientAuthentication } from './client-authentication.ts';
import type { Cluster } from './cluster.ts';
import { LiveConfiguration, type LiveConfigurationOptions } from './configuration/live-configuration.ts';
import { findOwnNamespace } from './own-namespace.ts';
import { type Replica, createReplica } from './replica.ts';

/**
 * Drain times of the Engine API. Its clients have no other replica to move to, so it accepts no new requests
 * and only finishes those in flight.
 */
const engineApiDrain: DrainTimes = { ...defaultDrainTimes, graceMs: 0, lingerMs: 0 };

export interface ServerOptions extends LiveConfigurationOptions {
  /** Files through which `first` was loaded. */
  readonly files: RecordedFiles;
  readonly cluster: Cluster | null;
}

/** Runs until `signal` aborts, then drains. Rejects if the server cannot start. */
export async function serve(options: ServerOptions, signal: AbortSignal): Promise<void> {
  const { files, first, processContext, cluster, metrics, log } = options;
  const { webhook: section, metrics: metricsSection, engineApi } = first.configuration.server;
  const readiness = new Readiness();
  let startProblem: string | null = 'the webhook has no certificate yet';
  readiness.set('started', () => startProblem);
  const metricsListener = new MetricsListener({ address: metricsSection.listen, readiness, metrics });
  // The metrics listener starts first, so that probes are answered while the server waits for a slow API
  // server.
  const metricsAddress = await metricsListener.start();

  const ownNamespace = cluster && (await findOwnNamespace(cluster, first, log));
  const { tls, service } = section;
  const certificateObserver = observeCertificates(metrics, log);
  const observer = withRejections(certificateObserver, (reason) => {
    startProblem &&= `the webhook has no certificate yet: ${clean(reason, 512)}`;
  });
  const certificates = createCertificateSource({
    source: tls.source,
    service,
    files,
    ownNamespace,
    observer,
  });
  if (!(await isStarted(certificates, signal))) {
    log.write('stopping', { signal: String(signal.reason) });
    await metricsListener.stop();
    await cluster?.api.close();
    log.write('stopped', {});
    return;
  }
  const liveConfiguration = new LiveConfiguration(options);
  const replica: Replica | null =
    ownNamespace &&
    createReplica({
      ...ownNamespace,
      liveConfiguration,
      observer: processContext.observer,
      certificates,
      readiness,
      metrics,
      log,
    });
  readiness.set('draining', () => (signal.aborted ? 'the server is stopping' : null));
  const webhook = new WebhookListener({
    address: section.listen,
    certificates,
    handle: liveConfiguration.handle,
    observer: observeWebhookListener(metrics, log),
    drain: drainTimes(cluster),
    clients: loadClientAuthentication(tls, files),
    connectionLimits: { isAllowed: createAddressFilter(section.allowedClients) },
  });
  const engine = engineApi.listen && engineApiListener(engineApi.listen, liveConfiguration, options);
  // The Engine API starts before the webhook: if it cannot listen, the server stops before it has answered an
  // admission request.
  const engineAddress = engine && (await engine.start());
  const webhookAddress = await webhook.start();
  startProblem = null;
  const ending = new AbortController();
  const background = Promise.all([
    new ConfigurationWatch(files, liveConfiguration).run(ending.signal),
    replica?.run(signal, ending.signal),
    watchReadiness(readiness, observeReadiness(log), ending.signal),
    watchExpiry(certificates, certificateObserver, ending.signal),
  ]);
  log.write('started', {
    version: processContext.version,
    webhook: formatListenAddress(webhookAddress),
    metrics: formatListenAddress(metricsAddress),
    engineApi: engineAddress && formatListenAddress(engineAddress),
  });

  await aborted(signal);
  log.write('stopping', { signal: String(signal.reason) });
  await Promise.all([webhook.stop(), engine?.stop()]);
  await metricsListener.stop();
  ending.abort();
  await background;
  await liveConfiguration.snapshot.registry.close();
  await cluster?.api.close();
  log.write('stopped', {});
}

/** Returns the observer, extended to call `rejected` with the error of every rejected certificate. */
function withRejections(
  observer: CertificateObserver,
  rejected: (reason: string) => void,
): CertificateObserver {
  return {
    ...observer,
    certificateRejected(error) {
      observer.certificateRejected(error);
      rejected(error.message);
    },
  };
}

/** Returns false if `signal` aborted before there was a certificate, which is not an error. */
async function isStarted(certificates: CertificateSource, signal: AbortSignal): Promise<boolean> {
  try {
    await certificates.start(signal);
    return true;
  } catch (error) {
    if (signal.aborted) return false;
    throw error;
  }
}

/**
 * Creates the listener. Each request is answered with the configuration that is active when the request
 * arrives.
 */
function engineApiListener(
  address: ListenAddress,
  live: LiveConfiguration,
  { processContext: { version }, metrics, log }: ServerOptions,
): EngineApiListener {
  return new EngineApiListener({
    address,
    version,
    lookup: () => live.snapshot.imageLookup,
    observer: observeEngineApi(metrics, log),
    drain: engineApiDrain,
  });
}

/**
 * Returns the drain times of the webhook. Without a cluster no Service sends requests here, so the drain
 * needs no grace time.
 */
function drainTimes(cluster: Cluster | null): DrainTimes {
  return cluster ? defaultDrainTimes : { ...defaultDrainTimes, graceMs: 0 };
}
