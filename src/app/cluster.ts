/** The cluster that a server runs in or is pointed to: its connection, what is watched of it, and what a version of the configuration makes of that. */
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import { delimiter } from 'node:path';
import type { Configuration } from '../config/configuration.ts';
import { type LivePlacement, createLivePlacement } from '../judge/nodes/placement/live-placement.ts';
import type { Placement } from '../judge/nodes/placement/static-placement.ts';
import type { ContextProvider } from '../judge/cluster-context.ts';
import type { EventLog } from '../observe/logs/logger.ts';
import { observeReflectors } from '../observe/cluster-observers.ts';
import { observeApi } from '../observe/controller-observers.ts';
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
import type { NodeGroups } from './node-groups.ts';

/** Where a cluster is; `kubeconfig` null: this is one of its pods. */
export interface ClusterAddress {
  readonly kubeconfig: string | null;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** null: no cluster is configured. A pod's service account goes before `KUBECONFIG`, of whose files the first that exists counts. */
export function clusterAddress(environment: Environment): ClusterAddress | null {
  if ((environment['KUBERNETES_SERVICE_HOST'] ?? '') !== '') return { kubeconfig: null };
  const kubeconfig = kubeconfigs(environment).find((path) => existsSync(path));
  return kubeconfig === undefined ? null : { kubeconfig };
}

/** What `KUBECONFIG` names. */
export function kubeconfigs(environment: Environment): readonly string[] {
  return (environment['KUBECONFIG'] ?? '').split(delimiter).filter((path) => path !== '');
}

/** What a version of the configuration makes of the cluster. */
export interface ClusterSnapshot {
  readonly credentials: ClusterCredentials;
  readonly placement: LivePlacement;
  /** What is known around a workload. */
  readonly around: ContextProvider;
}

export interface Cluster {
  readonly api: Connection;
  /** Of this replica alone. */
  readonly identity: string;
  readonly view: ClusterInformers;
  readonly namespaces: NamespaceReader;
  /** OpenShift's; watched only when a configuration names them. */
  readonly mirrorSets: MirrorSets;
  part(of: {
    readonly configuration: Configuration;
    readonly grouped: NodeGroups;
    readonly server: ServerCredentials;
    /** Where pods can land while the nodes are not known. */
    readonly blind: Placement;
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

/** Connects to nothing before it is asked something. */
export function openCluster(options: ClusterOptions): Cluster {
  const { address, environment, version, log, metrics, observer } = options;
  const userAgent = `pratique/${version}`;
  const api = connect({ ...address, environment, userAgent, observer: observeApi(metrics) });
  const reflectors = observeReflectors(log);
  const view = new ClusterInformers({ api, observer: reflectors });
  const namespaces = new NamespaceReader({ api, store: view.namespaces });
  return {
    api,
    identity: `${environment['POD_NAME'] ?? hostname()}_${randomUUID()}`,
    view,
    namespaces,
    mirrorSets: new MirrorSets({ api, observer: reflectors }),
    part({ configuration, grouped, server, blind }) {
      const { pullSecrets, secretTTL } = configuration.credentials;
      const credentials = new ClusterCredentials({
        secrets: pullSecrets ? new SecretReader({ api, ttlMs: secretTTL }) : null,
        resolve: credentialsFrom(server),
      });
      const placement = createLivePlacement({
        ...configuration.platforms,
        nodes: view.nodes,
        groups: grouped.groups,
        groupFor: grouped.groupFor,
        runtimeClass: (name) => view.runtimeClasses.get(name),
      });
      const around = createPodContextProvider({
        namespaces,
        credentials,
        earlierDigests: view.earlierDigests,
        admittedOwners: view.admittedOwners,
        inspectionIndex: view.inspectionIndex,
        placement,
        fallbackPlacement: blind,
        areNodesKnown: () => view.isSynced,
        maxStaleMs: configuration.cache.maxStale,
        observer,
      });
      return { credentials, placement, around };
    },
  };
}
