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
import { clusterInspecting } from '../watch/controller/inspect/cluster-context.ts';
import { Controller } from '../watch/controller/controller.ts';
import type { ControllerContext } from '../watch/controller/inspect/context.ts';
import { elect, type OnStartedLeading } from '../watch/kubernetes/leader-election/leader-election.ts';
import { isBundleRegistered, keepBundle } from '../watch/registration/ca-bundle.ts';
import type { Own } from '../watch/registration/configurations.ts';
import { Registration } from '../watch/registration/readiness.ts';
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
  const registration = createRegistration(options);
  let version = 0;
  let context = controllerContext(liveConfiguration.snapshot, cluster, version, observer);
  const controller =
    liveConfiguration.snapshot.configuration.controller.enabled === false
      ? null
      : new Controller({
          api,
          view: informers,
          inspecting: () => context,
          instance: identity,
          namespace,
          // Without the name of a webhook configuration, whether the webhook is registered is not known.
          isAsked: (asked) => (registration ? registration.mutates(asked) : false),
          observer: observeController(metrics, log),
          reflectorObserver: observeReflectors(log),
          eventsObserver: observeEvents(metrics, log),
        });
  readiness.set('cluster', () => informers.missing());
  if (registration) readiness.set('registration', () => registration.problem());

  const lead: OnStartedLeading = async (signal, lease) => {
    await Promise.all([controller?.lead(signal, lease), leaderTasks(options, signal)]);
  };
  const lease = {
    api,
    namespace,
    name: leaseName,
    identity,
    observer: observeLease(log, identity),
    annotations: () => controller?.annotations() ?? {},
  };
  liveConfiguration.onChange((snapshot) => {
    version += 1;
    context = controllerContext(snapshot, cluster, version, observer);
    controller?.reconfigured();
  });
  const mirrors = reloadMirrorSets(cluster, liveConfiguration);
  readiness.set('mirrors', () => mirrors.problem());
  return {
    async run(draining, ending) {
      await Promise.all([
        informers.start(ending),
        registration?.run(ending),
        mirrors.run(ending),
        elect(lease, draining, lead),
      ]);
    },
  };
}

/** The leader's tasks besides the controller: caBundle and CA rotation. Runs until `signal` aborts. */
async function leaderTasks(options: ReplicaOptions, signal: AbortSignal): Promise<void> {
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
    own && keepBundle({ api, own, bundle, keepRegistered, observer }, signal),
    store && rotateAuthority({ store, isTrusted, observer }, signal),
  ]);
}

function createRegistration(options: ReplicaOptions): Registration | null {
  const own = ownWebhooks(options);
  const { cluster, liveConfiguration, certificates } = options;
  const { tls } = liveConfiguration.snapshot.configuration.server.webhook;
  return (
    own &&
    new Registration({
      api: cluster.api,
      own,
      whyUntrusted: (bundle, host) => whyUntrusted(certificates.current().cert, bundle, host, Date.now()),
      fillsBundles: tls.source.mode === 'self' || tls.source.ca !== undefined,
    })
  );
}

/** null if `server.webhook.configurations` is empty. */
function ownWebhooks({ namespace, liveConfiguration }: ReplicaOptions): Own | null {
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
  const { cluster, configuration, judge, nodeGroups, placement } = snapshot;
  if (!cluster) throw new Error('the snapshot was built without the cluster');
  const { interval, ...settings } = configuration.controller;
  return clusterInspecting({
    version,
    judge,
    settings: { ...settings, intervalMs: interval },
    rest: nodeGroups.defaultGroup,
    namespaces: informers.namespaces,
    credentials: cluster.credentials,
    placement: cluster.placement,
    blind: placement,
    seesNodes: () => informers.isSynced,
    images: informers.images,
    maxStaleMs: configuration.cache.maxStale,
    observer,
  });
}
