/** `pratique serve`: starts everything in order, takes new configurations into use, and stops in the reverse order. */
import { isDeepStrictEqual } from 'node:util';
import type { RecordedFiles } from '../config/files.ts';
import { filesBeside } from '../config/load.ts';
import { ConfigurationWatch } from '../config/watch.ts';
import type { EventLog, Logger } from '../observe/logs/logger.ts';
import type { Metrics } from '../observe/metrics/metrics.ts';
import {
  observeAdmissions,
  observeCertificates,
  observeConfiguration,
  observeWebhookListener,
} from '../observe/observers.ts';
import { type AdmissionHandler, admission } from '../serve/admission/handler.ts';
import { type DrainTimes, defaultDrainTimes } from '../serve/http/drain.ts';
import { formatListenAddress } from '../serve/http/listen-address.ts';
import { MetricsListener } from '../serve/http/metrics-listener.ts';
import { Readiness } from '../serve/http/readiness.ts';
import { WebhookListener } from '../serve/http/webhook-listener.ts';
import { aborted } from './aborted.ts';
import { certificateSource } from './certificates.ts';
import type { Cluster } from './cluster.ts';
import { type Generation, makeGeneration, type Surroundings } from './generation.ts';
import { homeOf } from './home.ts';
import { membership } from './leading.ts';

export interface ServerOptions {
  readonly path: string | null;
  /** What `first` was loaded through. */
  readonly files: RecordedFiles;
  readonly first: Generation;
  readonly surroundings: Surroundings;
  readonly cluster: Cluster | null;
  readonly metrics: Metrics;
  readonly log: Logger;
}

/** One version of the configuration, and the handler that judges by it. */
interface Serving {
  readonly generation: Generation;
  readonly handle: AdmissionHandler;
}

/** Runs until `signal` aborts, then drains. Rejects when it cannot start. */
export async function serve(options: ServerOptions, signal: AbortSignal): Promise<void> {
  const { path, files, first, surroundings, cluster, metrics, log } = options;
  let serving = servingOf(first, metrics, log);
  log.setLevel(first.configuration.log.level);
  const readiness = new Readiness();
  const end = new AbortController();
  const metricsListener = new MetricsListener({
    address: first.configuration.server.metrics.listen,
    readiness,
    metrics,
  });
  let problem: string | null = 'starting: there is no certificate yet';
  readiness.set('started', () => problem);
  readiness.set('draining', () => (signal.aborted ? 'stopping: other replicas serve' : null));
  // First: whoever waits for an API server that is late is alive, and can say what is missing.
  const metricsAddress = await metricsListener.start();
  const home = cluster && (await homeOf(cluster, first, log));
  const certificates = certificateSource({
    tls: first.configuration.server.webhook.tls,
    service: first.configuration.server.webhook.service,
    files,
    home,
    observer: observeCertificates(metrics, log),
  });
  await certificates.start(signal);
  const member =
    home &&
    membership({ ...home, first, observer: surroundings.observer, certificates, readiness, metrics, log });
  const webhook = new WebhookListener({
    address: first.configuration.server.webhook.listen,
    certificates,
    handle: (name, body, client) => serving.handle(name, body, client),
    observer: observeWebhookListener(metrics, log),
    drain: drainTimes(cluster),
  });
  const webhookAddress = await webhook.start();
  problem = null;

  const observer = observeConfiguration(metrics, log);
  const reload = {
    files: () => filesBeside(path),
    apply(files: RecordedFiles) {
      const next = makeGeneration(path, files, surroundings, serving.generation);
      if (!isDeepStrictEqual(listeners(next), listeners(first))) {
        log.write('configuration-warning', restartNeeded(path));
      }
      retire(serving.generation);
      serving = servingOf(next, metrics, log);
      log.setLevel(next.configuration.log.level);
      member?.reconfigured(next);
      observer.configurationLoaded(path ?? '');
      return Promise.resolve();
    },
    refused: (error: unknown) => observer.configurationRefused(path ?? '', error),
  };
  observer.configurationLoaded(path ?? '');
  if (first.configuration.server.engineApi.listen) log.write('configuration-warning', notServed(path));
  const watching = Promise.all([
    new ConfigurationWatch(files, reload).run(end.signal),
    member?.run(signal, end.signal),
  ]);
  log.write('started', {
    version: surroundings.version,
    webhook: formatListenAddress(webhookAddress),
    metrics: formatListenAddress(metricsAddress),
  });

  await aborted(signal);
  log.write('stopping', { signal: String(signal.reason) });
  await webhook.stop();
  await metricsListener.stop();
  end.abort();
  await watching;
  await serving.generation.registry.close();
  await cluster?.api.close();
  log.write('stopped', {});
}

function servingOf(generation: Generation, metrics: Metrics, log: EventLog): Serving {
  const { judge, around, configuration } = generation;
  const handle = admission({
    judge,
    surroundings: around,
    deadlineMs: configuration.server.webhook.deadline,
    observer: observeAdmissions(metrics, log),
  });
  return { generation, handle };
}

function notServed(source: string | null) {
  const message = 'server.engineApi.listen is set, but this version does not serve the Engine API';
  return { code: 'NotServed', message, source };
}

/** What is made once, of the section `server`. */
function listeners({ configuration: { server } }: Generation) {
  const { webhook, ...others } = server;
  return { ...others, webhook: { listen: webhook.listen, tls: webhook.tls } };
}

function restartNeeded(source: string | null) {
  const message =
    'listeners or certificates in the section server have changed; they are taken into use after a restart';
  return { code: 'RestartNeeded', message, source };
}

/** Closes the connections of a generation when the last work that began with it must have ended. */
function retire({ registry, configuration }: Generation): void {
  const { flightTimeout } = configuration.registry;
  const longest = Math.max(flightTimeout, configuration.server.webhook.deadline) + 1_000;
  setTimeout(() => void registry.close(), longest).unref();
}

/** Without a cluster no Service has to forget this replica first. */
function drainTimes(cluster: Cluster | null): DrainTimes {
  return cluster ? defaultDrainTimes : { ...defaultDrainTimes, graceMs: 0 };
}
