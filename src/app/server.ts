/** `pratique serve`: starts everything in order, and stops in the reverse order. */
import type { RecordedFiles } from '../config/files.ts';
import { ConfigurationWatch } from '../config/watch.ts';
import { observeCertificates, observeEngineApi, observeWebhookListener } from '../observe/observers.ts';
import type { CertificateObserver, CertificateSource } from '../serve/certificates/source.ts';
import { EngineApiListener } from '../serve/engine-api/engine-api-listener.ts';
import { type DrainTimes, defaultDrainTimes } from '../serve/http/drain.ts';
import { formatListenAddress, type ListenAddress } from '../serve/http/listen-address.ts';
import { MetricsListener } from '../serve/http/metrics-listener.ts';
import { Readiness } from '../serve/http/readiness.ts';
import { WebhookListener } from '../serve/http/webhook-listener.ts';
import { clean } from '../util/text/text.ts';
import { aborted } from '../util/async/abort.ts';
import { certificateSource } from './certificates.ts';
import type { Cluster } from './cluster.ts';
import { LiveConfiguration, type LiveConfigurationOptions } from './live-configuration.ts';
import { findOwnNamespace } from './own-namespace.ts';
import { type Replica, createReplica } from './replica.ts';

/** Clients of the Engine API find no other replica: no new requests from now on, and those under way may finish. */
const engineApiDrain: DrainTimes = { ...defaultDrainTimes, graceMs: 0, lingerMs: 0 };

export interface ServerOptions extends LiveConfigurationOptions {
  /** What `first` was loaded through. */
  readonly files: RecordedFiles;
  readonly cluster: Cluster | null;
}

/** Runs until `signal` aborts, then drains. Rejects when it cannot start. */
export async function serve(options: ServerOptions, signal: AbortSignal): Promise<void> {
  const { files, first, processContext, cluster, metrics, log } = options;
  const { webhook: section, metrics: metricsSection, engineApi } = first.configuration.server;
  const readiness = new Readiness();
  let starting: string | null = 'there is no certificate yet';
  readiness.set('started', () => starting);
  const metricsListener = new MetricsListener({ address: metricsSection.listen, readiness, metrics });
  // First: who waits for an API server that is late is alive, and can say what is missing.
  const metricsAddress = await metricsListener.start();

  const home = cluster && (await findOwnNamespace(cluster, first, log));
  const { tls, service } = section;
  const observer = withRefusals(observeCertificates(metrics, log), (why) => {
    starting &&= `there is no certificate yet: ${clean(why, 512)}`;
  });
  const certificates = certificateSource({ tls, service, files, home, observer });
  if (!(await isStarted(certificates, signal))) {
    log.write('stopping', { signal: String(signal.reason) });
    await metricsListener.stop();
    await cluster?.api.close();
    log.write('stopped', {});
    return;
  }
  const current = new LiveConfiguration(options);
  const member: Replica | null =
    home &&
    createReplica({
      ...home,
      liveConfiguration: current,
      observer: processContext.observer,
      certificates,
      readiness,
      metrics,
      log,
    });
  readiness.set('draining', () => (signal.aborted ? 'it is stopping, and other replicas serve' : null));
  const webhook = new WebhookListener({
    address: section.listen,
    certificates,
    handle: current.handle,
    observer: observeWebhookListener(metrics, log),
    drain: drainTimes(cluster),
  });
  const engine = engineApi.listen && engineApiListener(engineApi.listen, current, options);
  // First: where it cannot listen, no admission has been answered yet.
  const engineAddress = engine && (await engine.start());
  const webhookAddress = await webhook.start();
  starting = null;
  const end = new AbortController();
  const watching = Promise.all([
    new ConfigurationWatch(files, current).run(end.signal),
    member?.run(signal, end.signal),
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
  end.abort();
  await watching;
  await current.snapshot.registry.close();
  await cluster?.api.close();
  log.write('stopped', {});
}

function withRefusals(observer: CertificateObserver, refused: (why: string) => void): CertificateObserver {
  return {
    ...observer,
    certificateRefused(error) {
      observer.certificateRefused(error);
      refused(error.message);
    },
  };
}

/** false: it was told to end while it waited, for an API server perhaps, which is no failure. */
async function isStarted(certificates: CertificateSource, signal: AbortSignal): Promise<boolean> {
  try {
    await certificates.start(signal);
    return true;
  } catch (error) {
    if (signal.aborted) return false;
    throw error;
  }
}

/** Answers every request by the configuration that is in use when it comes. */
function engineApiListener(
  address: ListenAddress,
  live: LiveConfiguration,
  { processContext: { version }, log }: ServerOptions,
): EngineApiListener {
  return new EngineApiListener({
    address,
    version,
    lookup: () => live.snapshot.imageLookup,
    observer: observeEngineApi(log),
    drain: engineApiDrain,
  });
}

/** Without a cluster no Service has to forget this replica first. */
function drainTimes(cluster: Cluster | null): DrainTimes {
  return cluster ? defaultDrainTimes : { ...defaultDrainTimes, graceMs: 0 };
}
