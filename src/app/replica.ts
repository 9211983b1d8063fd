/** A server in a cluster beside its listeners: what it watches, whether it may be asked, and what it does while it leads. */

import { observeLease, observeReflectors, observeRegistration } from '../observe/cluster-observers.ts';
import { observeController, observeEvents } from '../observe/controller-observers.ts';
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
import type { OwnRegistration } from '../watch/registration/configurations.ts';
import { ConfigurationInformers } from '../watch/registration/configuration-informers.ts';
import { RegistrationReadiness } from '../watch/registration/readiness.ts';
import { aborted } from '../util/async/abort.ts';
import type { Cluster } from './cluster.ts';
import type { LiveConfiguration } from './live-configuration.ts';
import type { ConfigSnapshot } from './snapshot.ts';
import { reloadMirrorSets } from './mirror-set-reload.ts';

export interface ReplicaOptions {
  readonly cluster: Cluster;
  /** Where the Lease is. */
  readonly namespace: string;
  readonly liveConfiguration: LiveConfiguration;
  readonly observer: InspectionObserver;
  readonly certificates: CertificateSource;
  /** The authority that the replicas share; null: the certificate comes from files. */
  readonly store: AuthorityStore | null;
  readonly readiness: Readiness;
  readonly metrics: Metrics;
  readonly log: EventLog;
}

/** The part that a replica has in its cluster. */
export interface Replica {
  /** Stands for the Lease until `leaving` aborts, and watches until `ending` does: while it drains it still answers. Never rejects. */
  run(leaving: AbortSignal, ending: AbortSignal): Promise<void>;
}

const leaseName = 'pratique';

export function createReplica(options: ReplicaOptions): Replica {
  const { cluster, namespace, liveConfiguration: current, observer, readiness, metrics, log } = options;
  const { api, view, identity } = cluster;
  const configurations = configurationInformers(options);
  const registration = configurations && registrationReadiness(options, configurations);
  let version = 0;
  let inspecting = inspectingOf(current.snapshot, cluster, version, observer);
  const controller =
    current.snapshot.configuration.controller.enabled === false
      ? null
      : new Controller({
          api,
          informers: view,
          context: () => inspecting,
          instance: identity,
          namespace,
          // Without a name nobody can tell how, or whether, it is registered.
          isWebhookRegistered: (name, createdAt) =>
            registration ? registration.mutates(name, createdAt) : false,
          observer: observeController(metrics, log),
          reflectorObserver: observeReflectors(log),
          eventsObserver: observeEvents(metrics, log),
        });
  readiness.set('cluster', () => view.notSynced());
  if (registration) readiness.set('registration', () => registration.problem());

  const lead: OnStartedLeading = async (signal, lease) => {
    await Promise.all([controller?.lead(signal, lease), upkeep(options, configurations, signal)]);
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
  current.onChange((generation) => {
    version += 1;
    inspecting = inspectingOf(generation, cluster, version, observer);
    controller?.configurationChanged();
  });
  const mirrors = reloadMirrorSets(cluster, current);
  readiness.set('mirrors', () => mirrors.problem());
  return {
    async run(leaving, ending) {
      await Promise.all([
        view.start(ending),
        configurations?.run(ending),
        mirrors.run(ending),
        runLeaderElection(lease, leaving, lead),
      ]);
    },
  };
}

/** What is kept right beside the images while this replica leads. */
async function upkeep(
  options: ReplicaOptions,
  configurations: ConfigurationInformers | null,
  signal: AbortSignal,
): Promise<void> {
  const { api } = options.cluster;
  const { certificates, store, log } = options;
  const own = ownOf(options);
  const observer = observeRegistration(log);
  const bundle = () => certificates.current().ca ?? null;
  const keepRegistered = store === null;
  // Without the webhooks' configurations nobody can tell when clients trust a new authority.
  const isTrusted = async (wanted: string, until: AbortSignal) =>
    own !== null && (await isBundleRegistered(api, own, wanted, until));
  await Promise.all([
    // Whoever leads does so to the end, even with nothing to do.
    aborted(signal),
    configurations && keepCaBundle({ api, configurations, bundle, keepRegistered, observer }, signal),
    store && rotateAuthority({ store, isTrusted, observer }, signal),
  ]);
}

/**
 * Tells whether the holder of the Lease was a pod of the same Deployment that does not exist any more, as after a
 * reinstallation. Identities are `POD_UUID`; a replica that is not a pod is never taken for a missing one.
 */
function isPodGone(holder: string, identity: string, namespace: string, { view }: Cluster): boolean {
  const [holderPod = '', ownPod = ''] = [holder, identity].map((each) =>
    each.slice(0, each.lastIndexOf('_')),
  );
  const ofDeployment = (pod: string): string => pod.replace(/-[^-]+-[^-]+$/, '');
  if (!view.isSynced || !view.pods.get(`${namespace}/${ownPod}`)) return false;
  return ofDeployment(holderPod) === ofDeployment(ownPod) && !view.pods.get(`${namespace}/${holderPod}`);
}

/** null: the configuration names no webhook configurations. */
function configurationInformers(options: ReplicaOptions): ConfigurationInformers | null {
  const own = ownOf(options);
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
    fillsBundles: tls.mode === 'self' || tls.ca !== undefined,
  });
}

/** null: the configuration names no webhook configurations. */
function ownOf({ namespace, liveConfiguration: current }: ReplicaOptions): OwnRegistration | null {
  const { configurations: name, service } = current.snapshot.configuration.server.webhook;
  const [host] = serviceDnsNames(service, namespace);
  return name === '' || host === undefined ? null : { name, host };
}

function inspectingOf(
  generation: ConfigSnapshot,
  { view }: Cluster,
  version: number,
  observer: InspectionObserver,
): ControllerContext {
  const { cluster, configuration, judge, grouped, placement, partsChecker } = generation;
  if (!cluster) throw new Error('a configuration was loaded as if there were no cluster');
  const { interval, ...settings } = configuration.controller;
  return buildControllerContext({
    version,
    judge,
    settings: { ...settings, intervalMs: interval },
    defaultGroup: grouped.rest,
    partsChecker,
    namespaces: view.namespaces,
    credentials: cluster.credentials,
    placement: cluster.placement,
    fallbackPlacement: placement,
    areNodesKnown: () => view.isSynced,
    inspectionIndex: view.inspectionIndex,
    maxStaleMs: configuration.cache.maxStale,
    observer,
  });
}
