/** Everything that is built from one version of the configuration. A reload builds a new snapshot; work in flight keeps its own. */
import { HostTrees } from '../../resolve/endpoints/containerd/hosts-toml/host-tree.ts';
import { isDeepStrictEqual } from 'node:util';
import type { Configuration } from '../../config/configuration.ts';
import type { RecordedFiles } from '../../config/files.ts';
import { loadConfiguration } from '../../config/load.ts';
import { ConfigurationError } from '../../config/problem.ts';
import { proxySettings } from '../../config/proxy.ts';
import { Judge } from '../../judge/judge.ts';
import {
  configuredPlatforms,
  type Placement,
  createStaticPlacement,
} from '../../judge/nodes/placement/static-placement.ts';
import { policies } from '../../judge/policy/policies.ts';
import { type ContextProvider, standalone } from '../../judge/cluster-context.ts';
import {
  credentialsFrom,
  type ResolvedCredentials,
  type ServerCredentials,
} from '../../resolve/credentials/credentials.ts';
import type { MirrorList } from '../../resolve/endpoints/endpoint.ts';
import { FileError } from '../../resolve/endpoints/files/files.ts';
import { withNameWarnings } from '../../resolve/endpoints/name-warnings.ts';
import { InspectionCache } from '../../resolve/inspection/cache.ts';
import type { EndpointLimits } from '../../resolve/inspection/endpoint/endpoint-limits.ts';
import {
  createEndpointHealth,
  type EndpointHealth,
} from '../../resolve/inspection/health/endpoint-health.ts';
import type { MirrorsConfiguration } from '../../resolve/endpoints/schema.ts';
import type { Inspector } from '../../resolve/inspection/inspection.ts';
import { createInspector, type InspectorOptions } from '../../resolve/inspection/inspector.ts';
import type { InspectionObserver } from '../../resolve/inspection/observer.ts';
import { createRegistry } from '../../resolve/registry/client.ts';
import { createPartsChecker, type PartsChecker } from '../../resolve/parts/parts-checker.ts';
import type { ProxySettings } from '../../resolve/registry/transport/proxies.ts';
import type { Registry } from '../../resolve/registry/registry.ts';
import type { Warning } from '../../resolve/warning.ts';
import type { ImageLookup } from '../../serve/engine-api/distribution.ts';
import type { Cluster, ClusterSnapshot } from '../cluster.ts';
import { loadServerCredentials } from './server-credentials.ts';
import { type NodeGroups, buildNodeGroups } from './node-groups.ts';
import { listMirrorSets, loadMirrorList } from './mirror-list.ts';
import { warnOnce } from './mirror-warnings-once.ts';

/** What outlives a configuration: the environment, the cluster and the observers of the process. */
export interface ProcessContext {
  readonly version: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** true for a server in a pod: a loopback endpoint is then the node's and not this process's (`registry.loopback: auto`). */
  readonly inCluster: boolean;
  /** Source of nodes, namespaces and pull secrets; null without a cluster. */
  readonly cluster: Pick<Cluster, 'buildClusterSnapshot' | 'mirrorSets'> | null;
  /** Mirrors given on the command line, which replace those of the configuration; null if none are. */
  readonly mirrors: MirrorsConfiguration | null;
  readonly observer: InspectionObserver;
  readonly providerFailed: (provider: string, message: string) => void;
  /** Called once for each setting of the mirror configuration that does not do what it appears to do. */
  readonly mirrorWarning: (warning: Warning) => void;
}

export interface ConfigSnapshot {
  readonly configuration: Configuration;
  readonly nodeGroups: NodeGroups;
  /** Mirror list of the default node group. */
  readonly mirrors: MirrorList;
  /** Inspector of the default node group. */
  readonly inspector: Inspector;
  readonly partsChecker: PartsChecker;
  readonly proxy: ProxySettings;
  readonly limits: EndpointLimits;
  readonly registry: Registry;
  readonly health: Pick<EndpointHealth, 'retire'>;
  readonly cache: InspectionCache;
  readonly serverCredentials: ServerCredentials;
  readonly judge: Judge;
  /** Pratique's own credentials, without those of a workload. */
  readonly credentials: ResolvedCredentials;
  /** Looks images up for clients of the Engine API. */
  readonly imageLookup: ImageLookup;
  /** Placement by `platforms.required`, used without a cluster and until its nodes are listed. */
  readonly placement: Placement;
  /** null without a cluster. */
  readonly cluster: ClusterSnapshot | null;
  readonly contextProvider: ContextProvider;
}

// Concurrent requests to one endpoint. Browsers use 6; containerd downloads 3 layers of an image at a time.
const slotsPerEndpoint = 32;

/**
 * Loads `path` (null for the defaults) through `files`. The cache of the `previous` snapshot is reused if its answers are
 * still valid. Throws `ConfigurationError` or `MirrorConfigError`.
 */
export function buildSnapshot(
  path: string | null,
  files: RecordedFiles,
  processContext: ProcessContext,
  previous: ConfigSnapshot | null = null,
): ConfigSnapshot {
  const loaded = loadConfiguration(path, files);
  const configuration = { ...loaded, mirrors: processContext.mirrors ?? loaded.mirrors };
  const { observer, environment, version } = processContext;
  const { registry: section, cache: times, policy } = configuration;
  const proxy = proxySettings(section.proxy, environment);
  const serverCredentials = loadServerCredentials(configuration.credentials, {
    files,
    environment: definedVariables(environment),
    providerFailed: processContext.providerFailed,
  });
  const monotonicClock = () => performance.now();
  const health = createEndpointHealth({ observer, clock: monotonicClock, slots: slotsPerEndpoint });
  const limits = {
    loopback: loopbackPolicy(configuration, processContext),
    allowedHosts: section.allowedHosts,
  };
  const registry = createRegistry({
    loopback: limits.loopback,
    deniedAddresses: section.deniedAddresses,
    hosts: new Map(Object.entries(section.hosts)),
    proxy,
    caPem: section.caFiles.map((file, index) => readCaFile(file, index, files)),
    maxManifestBytes: section.maxManifestBytes,
    userAgent: `pratique/${version}`,
    onRateLimit: (endpoint, limit) => health.declared(endpoint, limit),
  });
  const cache =
    reusableCache(configuration, serverCredentials, previous) ?? new InspectionCache({ ...times, observer });
  const inspectorOptions: Omit<InspectorOptions, 'mirrors'> = {
    registry,
    health,
    cache,
    observer,
    clock: Date.now,
    monotonicClock,
    endpointTimeoutMs: section.endpointTimeout,
    resolutionTimeoutMs: section.resolutionTimeout,
    nodeIdentity: configuration.credentials.nodeIdentity,
    limits,
    configurationWarnings: serverCredentials.warnings ?? [],
    maxConfigBytes: section.maxManifestBytes,
    headFirst: section.headFirst,
    tagTTL: times.tagTTL,
    failureTTL: times.failureTTL,
    maxStale: times.maxStale,
  };
  const hasDialAddress = (host: string) => Object.hasOwn(section.hosts, host);
  const trees = new HostTrees();
  const nodeGroups = buildNodeGroups(configuration.mirrors, {
    loadMirrorList: (source, runtime) => {
      const { cluster } = processContext;
      const watched = source.openshift && cluster ? listMirrorSets(cluster, previous !== null) : null;
      const { pathMap } = configuration.mirrors;
      const mirrors = loadMirrorList(source, { pathMap, watched, trees, runtime }, files);
      return warnOnce(withNameWarnings(mirrors, hasDialAddress), processContext.mirrorWarning);
    },
    createInspector: (mirrors) => createInspector({ ...inspectorOptions, mirrors }),
    hasNodes: processContext.cluster !== null,
  });
  const { groups, defaultGroup } = nodeGroups;
  const partsChecker = createPartsChecker({
    ...inspectorOptions,
    maxManifestBytes: section.maxManifestBytes,
  });
  const credentialsOf = credentialsFrom(serverCredentials);
  const credentials = credentialsOf();
  const isolated = !configuration.server.engineApi.ownCredentials;
  const imageLookup: ImageLookup = {
    inspector: defaultGroup.inspector,
    credentialsOf: (given) => credentialsOf(given ? { explicit: given, isolated } : { isolated }),
    timeoutMs: section.resolutionTimeout,
  };
  const placement = createStaticPlacement(groups, configuredPlatforms(configuration.platforms.required));
  const cluster =
    processContext.cluster?.buildClusterSnapshot({
      configuration,
      serverCredentials,
      nodeGroups,
      fallbackPlacement: placement,
    }) ?? null;
  const contextProvider: ContextProvider =
    cluster?.contextProvider ?? (({ workload }) => standalone(credentials, placement(workload)));
  return {
    configuration,
    nodeGroups,
    mirrors: defaultGroup.mirrors,
    inspector: defaultGroup.inspector,
    partsChecker,
    proxy,
    limits,
    registry,
    health,
    cache,
    serverCredentials,
    judge: new Judge(policies(policy)),
    credentials,
    imageLookup,
    placement,
    cluster,
    contextProvider,
  };
}

function loopbackPolicy({ registry }: Configuration, { inCluster }: ProcessContext): 'skip' | 'contact' {
  if (registry.loopback !== 'auto') return registry.loopback;
  return inCluster ? 'skip' : 'contact';
}

/** The previous snapshot's cache; null if its size changed, or the credentials with which its answers were obtained. */
function reusableCache(
  configuration: Configuration,
  serverCredentials: ServerCredentials,
  previous: ConfigSnapshot | null,
): InspectionCache | null {
  if (!previous) return null;
  const identity = (
    { cache, credentials }: Configuration,
    { dockerConfig, nodeDockerConfig }: ServerCredentials,
  ) => [cache.maxEntries, credentials, dockerConfig, nodeDockerConfig];
  const isSame = isDeepStrictEqual(
    identity(configuration, serverCredentials),
    identity(previous.configuration, previous.serverCredentials),
  );
  return isSame ? previous.cache : null;
}

function readCaFile(file: string, index: number, files: RecordedFiles): string {
  const problem = (message: string, cause?: unknown) => {
    const path = `registry.caFiles[${index}]`;
    return new ConfigurationError([{ file, line: null, column: null, path, message }], { cause });
  };
  try {
    const text = files.read(file);
    if (text === null) throw problem('does not exist; correct the path');
    if (!text.includes('-----BEGIN CERTIFICATE-----')) throw problem('contains no PEM certificate');
    return text;
  } catch (error) {
    throw error instanceof FileError ? problem(error.message, error) : error;
  }
}

function definedVariables(environment: ProcessContext['environment']): Record<string, string> {
  const variables = Object.entries(environment).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  return Object.fromEntries(variables);
}
