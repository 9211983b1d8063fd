/**
 * Cluster that the server runs in or that KUBECONFIG names: the API connection, the informers, and the parts
 * of a ConfigSnapshot that depend on them.
 */
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import { delimiter } from 'node:path';
import type { Configuration } from '../config/configuration.ts';
import { type LivePlacement, createLivePlacement } from '../judge/nodes/placement/live-placement.ts';
import type { Placement } from '../judge/nodes/placement/static-placement.ts';
import type { ContextProvider } from '../judge/cluster-context.ts';
import type { EventLog } from '../observe/logs/logger.ts';
import { observeReflectors } from '../observe/observers/cluster.ts';
import { observeApi } from '../observe/observers/controller.ts';
import type { Metrics } from '../observe/metrics/metrics.ts';
import { credentialsFrom, type ServerCredentials } from '../resolve/credentials/credentials.ts';
import type { InspectionObserver } from '../resolve/inspection/observer.ts';
import { ClusterCredentials } from '../watch/cluster/lookups/credentials.ts';
import { NamespaceReader } from '../watch/cluster/lookups/namespaces.ts';
import { SecretReader } from '../watch/cluster/lookups/secrets.ts';
import { createPodContextProvider } from '../watch/cluster/pod-context.ts';
import { ClusterInformers } from '../watch/cluster/informers.ts';
import { MirrorSets } from '../watch/cluster/mirror-sets.ts';
import { type Connection, connect } from '../watch/kubernetes/client/client.ts';
import type { NodeGroups } from './configuration/node-groups.ts';

/** Address of a cluster: a kubeconfig file, or null for the service account of this pod. */
export interface ClusterAddress {
  readonly kubeconfig: string | null;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Returns the address of the cluster; null if none is configured. A pod's service account takes precedence
 * over `KUBECONFIG`, whose first existing file is used.
 */
export function findClusterAddress(environment: Environment): ClusterAddress | null {
  if ((environment['KUBERNETES_SERVICE_HOST'] ?? '') !== '') return { kubeconfig: null };
  const kubeconfig = kubeconfigPaths(environment).find((path) => existsSync(path));
  return kubeconfig === undefined ? null : { kubeconfig };
}

/** Returns the paths in `KUBECONFIG`. */
export function kubeconfigPaths(environment: Environment): readonly string[] {
  return (environment['KUBECONFIG'] ?? '').split(delimiter).filter((path) => path !== '');
}

/** The parts of a ConfigSnapshot that depend on the cluster. */
export interface ClusterSnapshot {
  readonly credentials: ClusterCredentials;
  readonly placement: LivePlacement;
  readonly contextProvider: ContextProvider;
}

export interface Cluster {
  readonly api: Connection;
  /** Identity that is unique to this replica. */
  readonly identity: string;
  readonly informers: ClusterInformers;
  readonly namespaces: NamespaceReader;
  /** OpenShift mirror sets, which are watched only if a configuration names them. */
  readonly mirrorSets: MirrorSets;
  buildClusterSnapshot(parts: {
    readonly configuration: Configuration;
    readonly nodeGroups: NodeGroups;
    readonly serverCredentials: ServerCredentials;
    /** Placement that is used until the nodes are listed. */
    readonly fallbackPlacement: Placement;
  }): ClusterSnapshot;
}

export interface ClusterOptions {
  readonly address: ClusterAddress;
  readonly environment: Environment;
  readonly version: string;
  readonly log: EventLog;
  readonly metrics: Metrics;
  readonly observer: Pick<InspectionObserver, 'cache'>;
}

/** Creates the cluster. It opens no connection before the first request. */
export function openCluster(options: ClusterOptions): Cluster {
  const { address, environment, version, log, metrics, observer } = options;
  const userAgent = `pratique/${version}`;
  const api = connect({ ...address, environment, userAgent, observer: observeApi(metrics) });
  const reflectors = observeReflectors(log);
  const informers = new ClusterInformers({ api, observer: reflectors });
  const namespaces = new NamespaceReader({ api, store: informers.namespaces });
  return {
    api,
    identity: `${environment['POD_NAME'] ?? hostname()}_${randomUUID()}`,
    informers,
    namespaces,
    mirrorSets: new MirrorSets({ api, observer: reflectors }),
    buildClusterSnapshot({ configuration, nodeGroups, serverCredentials, fallbackPlacement }) {
      const { pullSecrets, secretTTL } = configuration.credentials;
      const credentials = new ClusterCredentials({
        secrets: pullSecrets ? new SecretReader({ api, ttlMs: secretTTL }) : null,
        resolve: credentialsFrom(serverCredentials),
      });
      const placement = createLivePlacement({
        ...configuration.platforms,
        nodes: informers.nodes,
        groups: nodeGroups.groups,
        groupFor: nodeGroups.groupFor,
        runtimeClass: (name) => informers.runtimeClasses.get(name),
      });
      const contextProvider = createPodContextProvider({
        namespaces,
        credentials,
        earlierDigests: informers.earlierDigests,
        admittedOwners: informers.admittedOwners,
        inspectionIndex: informers.inspectionIndex,
        placement,
        fallbackPlacement,
        areNodesKnown: () => informers.isSynced,
        maxStaleMs: configuration.cache.maxStale,
        observer,
      });
      return { credentials, placement, contextProvider };
    },
  };
}
