/** One replica of the server in its cluster: informers, readiness checks, leader election and the leader's tasks. */
import { observeLease, observeReflectors, observeRegistration } from '../observe/observers/cluster.ts';
import { observeController, observeEvents } from '../observe/observers/controller.ts';
import type { EventLog } from '../observe/logs/logger.ts';
import type { Metrics } from '../observe/metrics/metrics.ts';
import type { InspectionObserver } from '../resolve/inspection/observer.ts';
import type { AuthorityStore } from '../serve/certificates/authority/authority-store.ts';
import { whyUntrusted } from '../serve/certificates/chain.ts';
import { serviceDnsNames } from '../serve/certificates/service-dns-names.ts';
import { rotateAuthority } from '../serve/certificates/authority/rotation.ts';
import type { CertificateSource } from '../serve/certificates/source.ts';
import type { Readiness } from '../serve/http/readiness.ts';
import { buildControllerContext } from '../watch/controller/inspect/build-context.ts';
import { Controller } from '../watch/controller/controller.ts';
import type { ControllerContext } from '../watch/controller/inspect/context.ts';
import { runLeaderElection } from '../watch/kubernetes/leader-election/leader-election.ts';
import type { OnStartedLeading } from '../watch/kubernetes/leader-election/options.ts';
import { isBundleRegistered, keepCaBundle } from '../watch/registration/ca-bundle.ts';
import type { OwnRegistration } from '../watch/registration/webhook-configurations.ts';
import { ConfigurationInformers } from '../watch/registration/configuration-informers.ts';
import { RegistrationReadiness } from '../watch/registration/readiness.ts';
import { aborted } from '../util/async/abort.ts';
import type { Cluster } from './cluster.ts';
import type { LiveConfiguration } from './configuration/live-configuration.ts';
import type { ConfigSnapshot } from './configuration/snapshot.ts';
import { reloadMirrorSets } from './configuration/mirror-set-reload.ts';

export interface ReplicaOptions {
  readonly cluster: Cluster;
  /** The namespace of the Lease. */
  readonly namespace: string;
  readonly liveConfiguration: LiveConfiguration;
  readonly observer: InspectionObserver;
  readonly certificates: CertificateSource;
  /** The CA that the replicas share; null if the certificate comes from files. */
  readonly store: AuthorityStore | null;
  readonly readiness: Readiness;
  readonly metrics: Metrics;
  readonly log: EventLog;
}

export interface Replica {
  /**
   * Takes part in leader election until `draining` aborts, and keeps its informers until `ending` does: a draining replica
   * still answers. Never rejects.
   */
  run(draining: AbortSignal, ending: AbortSignal): Promise<void>;
}

const leaseName = 'pratique';

export function createReplica(options: ReplicaOptions): Replica {
  const { cluster, namespace, liveConfiguration, observer, readiness, metrics, log } = options;
  const { api, informers, identity } = cluster;
  const configurations = configurationInformers(options);
  const registration = configurations && registrationReadiness(options, configurations);
  let version = 0;
  let context = controllerContext(liveConfiguration.snapshot, cluster, version, observer);
  const controller =
    liveConfiguration.snapshot.configuration.controller.enabled === false
      ? null
      : new Controller({
          api,
          informers,
          context: () => context,
          instance: identity,
          namespace,
          // Without the name of a webhook configuration, whether the webhook is registered is not known.
          isWebhookRegistered: (name, createdAt) =>
            registration ? registration.mutates(name, createdAt) : false,
          observer: observeController(metrics, log),
          reflectorObserver: observeReflectors(log),
          eventsObserver: observeEvents(metrics, log),
        });
  readiness.set('cluster', () => informers.notSynced());
  if (registration) readiness.set('registration', () => registration.problem());

  const lead: OnStartedLeading = async (signal, lease) => {
    await Promise.all([controller?.lead(signal, lease), leaderTasks(options, configurations, signal)]);
  };
  const lease = {
    api,
    namespace,
    name: leaseName,
    identity,
    observer: observeLease(log, identity),
    watchObserver: observeReflectors(log),
    isHolderGone: (holder: string) => isPodGone(holder, identity, namespace, cluster),
    annotations: () => controller?.annotations() ?? {},
  };
  liveConfiguration.onChange((snapshot) => {
    version += 1;
    context = controllerContext(snapshot, cluster, version, observer);
    controller?.configurationChanged();
  });
  const mirrors = reloadMirrorSets(cluster, liveConfiguration);
  readiness.set('mirrors', () => mirrors.problem());
  return {
    async run(draining, ending) {
      await Promise.all([
        informers.start(ending),
        configurations?.run(ending),
        mirrors.run(ending),
        runLeaderElection(lease, draining, lead),
      ]);
    },
  };
}

/** The leader's tasks besides the controller: caBundle and CA rotation. Runs until `signal` aborts. */
async function leaderTasks(
  options: ReplicaOptions,
  configurations: ConfigurationInformers | null,
  signal: AbortSignal,
): Promise<void> {
  const { api } = options.cluster;
  const { certificates, store, log } = options;
  const own = ownWebhooks(options);
  const observer = observeRegistration(log);
  const bundle = () => certificates.current().ca ?? null;
  const keepRegistered = store === null;
  // Without the webhook configurations, whether clients trust a new CA is not known.
  const isTrusted = async (wanted: string, until: AbortSignal) =>
    own !== null && (await isBundleRegistered(api, own, wanted, until));
  await Promise.all([
    // The leader keeps the Lease until it is told to stop, also without any task.
    aborted(signal),
    configurations && keepCaBundle({ api, configurations, bundle, keepRegistered, observer }, signal),
    store && rotateAuthority({ store, isTrusted, observer }, signal),
  ]);
}

/**
 * Tells whether the holder of the Lease was a pod of the same Deployment that does not exist any more, as after a
 * reinstallation. Identities are `POD_UUID`; a replica that is not a pod is never taken for a missing one.
 */
function isPodGone(holder: string, identity: string, namespace: string, { informers }: Cluster): boolean {
  const [holderPod = '', ownPod = ''] = [holder, identity].map((each) =>
    each.slice(0, each.lastIndexOf('_')),
  );
  const ofDeployment = (pod: string): string => pod.replace(/-[^-]+-[^-]+$/, '');
  if (!informers.isSynced || !informers.pods.get(`${namespace}/${ownPod}`)) return false;
  return ofDeployment(holderPod) === ofDeployment(ownPod) && !informers.pods.get(`${namespace}/${holderPod}`);
}

/** null if `server.webhook.configurations` is empty. */
function configurationInformers(options: ReplicaOptions): ConfigurationInformers | null {
  const own = ownWebhooks(options);
  const { cluster, log } = options;
  return own && new ConfigurationInformers({ api: cluster.api, own, observer: observeReflectors(log) });
}

function registrationReadiness(
  { liveConfiguration, certificates }: ReplicaOptions,
  configurations: ConfigurationInformers,
): RegistrationReadiness {
  const { tls, configurations: name } = liveConfiguration.snapshot.configuration.server.webhook;
  return new RegistrationReadiness({
    configurations,
    name,
    whyUntrusted: (bundle, host) => whyUntrusted(certificates.current().cert, bundle, host, Date.now()),
    fillsBundles: tls.source.mode === 'self' || tls.source.ca !== undefined,
  });
}

/** null if `server.webhook.configurations` is empty. */
function ownWebhooks({ namespace, liveConfiguration }: ReplicaOptions): OwnRegistration | null {
  const { configurations: name, service } = liveConfiguration.snapshot.configuration.server.webhook;
  const [host] = serviceDnsNames(service, namespace);
  return name === '' || host === undefined ? null : { name, host };
}

function controllerContext(
  snapshot: ConfigSnapshot,
  { informers }: Cluster,
  version: number,
  observer: InspectionObserver,
): ControllerContext {
  const { cluster, configuration, judge, nodeGroups, placement, partsChecker } = snapshot;
  if (!cluster) throw new Error('the snapshot was built without the cluster');
  const { interval, ...settings } = configuration.controller;
  return buildControllerContext({
    version,
    judge,
    settings: { ...settings, intervalMs: interval },
    defaultGroup: nodeGroups.defaultGroup,
    partsChecker,
    namespaces: informers.namespaces,
    credentials: cluster.credentials,
    placement: cluster.placement,
    fallbackPlacement: placement,
    areNodesKnown: () => informers.isSynced,
    inspectionIndex: informers.inspectionIndex,
    maxStaleMs: configuration.cache.maxStale,
    observer,
  });
}
