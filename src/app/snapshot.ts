/** Everything that is made from one version of the configuration; a reload makes a new one, work in flight keeps its own. */
import { isDeepStrictEqual } from 'node:util';
import type { Configuration } from '../config/configuration.ts';
import type { RecordedFiles } from '../config/files.ts';
import { loadConfiguration } from '../config/load.ts';
import { ConfigurationError } from '../config/problem.ts';
import { proxySettings } from '../config/proxy.ts';
import { Judge } from '../judge/judge.ts';
import {
  configuredPlatforms,
  type Placement,
  createStaticPlacement,
} from '../judge/nodes/placement/static-placement.ts';
import { policies } from '../judge/policy/policies.ts';
import { type ContextProvider, standalone } from '../judge/cluster-context.ts';
import {
  credentialsFrom,
  type ResolvedCredentials,
  type ServerCredentials,
} from '../resolve/credentials/credentials.ts';
import type { MirrorList } from '../resolve/endpoints/endpoint.ts';
import { FileError } from '../resolve/endpoints/files/files.ts';
import { withNameWarnings } from '../resolve/endpoints/host-names.ts';
import { InspectionCache } from '../resolve/inspection/cache.ts';
import type { EndpointLimits } from '../resolve/inspection/endpoint/endpoint-limits.ts';
import { createEndpointHealth, type EndpointHealth } from '../resolve/inspection/health/endpoint-health.ts';
import type { Inspector } from '../resolve/inspection/inspection.ts';
import { createInspector, type InspectorOptions } from '../resolve/inspection/inspector.ts';
import type { InspectionObserver } from '../resolve/inspection/observer.ts';
import { createRegistry } from '../resolve/registry/client.ts';
import { createPartsChecker, type PartsChecker } from '../resolve/parts/parts-checker.ts';
import type { ProxySettings } from '../resolve/registry/transport/proxies.ts';
import type { Registry } from '../resolve/registry/registry.ts';
import type { Warning } from '../resolve/warning.ts';
import type { ImageLookup } from '../serve/engine-api/distribution.ts';
import type { Cluster, ClusterSnapshot } from './cluster.ts';
import { serverCredentials } from './credentials.ts';
import { type NodeGroups, buildNodeGroups } from './node-groups.ts';
import { mirrorList } from './mirrors.ts';
import { warnOnce } from './warn-once.ts';
import { listMirrorSets } from './mirror-set-reload.ts';

/** What outlives a configuration, and what the process knows of its processContext. */
export interface ProcessContext {
  readonly version: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Runs as a server in a cluster: a loopback endpoint is then each node's own, not ours (`registry.loopback: auto`). */
  readonly inCluster: boolean;
  /** Nodes, namespaces and pull secrets are the cluster's; null: there is none. */
  readonly cluster: Pick<Cluster, 'part' | 'mirrorSets'> | null;
  readonly observer: InspectionObserver;
  readonly providerFailed: (provider: string, message: string) => void;
  /** Something in the mirror configuration works otherwise than it looks; heard once for each place. */
  readonly mirrorWarning: (warning: Warning) => void;
}

export interface ConfigSnapshot {
  readonly configuration: Configuration;
  readonly grouped: NodeGroups;
  readonly groups: NodeGroups['groups'];
  /** Of the nodes in no group: for whoever asks about no nodes in particular. */
  readonly mirrors: MirrorList;
  readonly inspector: Inspector;
  readonly partsChecker: PartsChecker;
  readonly proxy: ProxySettings;
  readonly limits: EndpointLimits;
  readonly registry: Registry;
  readonly health: Pick<EndpointHealth, 'retire'>;
  readonly cache: InspectionCache;
  readonly server: ServerCredentials;
  readonly judge: Judge;
  /** Pratique's own; callers bring theirs. */
  readonly credentials: ResolvedCredentials;
  /** For clients of the Engine API. */
  readonly imageLookup: ImageLookup;
  /** Where pods can land, without a cluster. */
  readonly placement: Placement;
  /** null without a cluster. */
  readonly cluster: ClusterSnapshot | null;
  /** What is known around a workload that is to be judged. */
  readonly contextProvider: ContextProvider;
}

// Requests under way to one endpoint; browsers take six, containerd's default of layers is three per image.
const slotsPerEndpoint = 32;

/**
 * Loads `path` (null: the defaults) through `files`. `cache` is the one of the generation before, whose answers hold
 * where the mirrors stayed the same. Throws `ConfigurationError` or `MirrorConfigError`.
 */
export function buildSnapshot(
  path: string | null,
  files: RecordedFiles,
  processContext: ProcessContext,
  before: ConfigSnapshot | null = null,
): ConfigSnapshot {
  const configuration = loadConfiguration(path, files);
  const { observer, environment, version } = processContext;
  const { registry: section, cache: times, policy } = configuration;
  const proxy = proxySettings(section.proxy, environment);
  const server = serverCredentials(configuration.credentials, {
    files,
    environment: defined(environment),
    providerFailed: processContext.providerFailed,
  });
  const monotonicClock = () => performance.now();
  const health = createEndpointHealth({ observer, clock: monotonicClock, slots: slotsPerEndpoint });
  const limits = { loopback: loopback(configuration, processContext), allowedHosts: section.allowedHosts };
  const registry = createRegistry({
    loopback: limits.loopback,
    deniedAddresses: section.deniedAddresses,
    hosts: new Map(Object.entries(section.hosts)),
    proxy,
    caPem: section.caFiles.map((file, index) => authority(file, index, files)),
    maxManifestBytes: section.maxManifestBytes,
    userAgent: `pratique/${version}`,
    onRateLimit: (endpoint, limit) => health.declared(endpoint, limit),
  });
  const cache = keptCache(configuration, server, before) ?? new InspectionCache({ ...times, observer });
  const inspecting: Omit<InspectorOptions, 'mirrors'> = {
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
    configurationWarnings: server.warnings ?? [],
    maxConfigBytes: section.maxManifestBytes,
    headFirst: section.headFirst,
    tagTTL: times.tagTTL,
    failureTTL: times.failureTTL,
    maxStale: times.maxStale,
  };
  const isDialled = (host: string) => Object.hasOwn(section.hosts, host);
  const grouped = buildNodeGroups(configuration.mirrors, {
    mirrorsOf: (source, runtime) => {
      const { cluster } = processContext;
      const watched = source.openshift && cluster ? listMirrorSets(cluster, before !== null) : null;
      const { pathMap } = configuration.mirrors;
      const mirrors = mirrorList(source, { pathMap, watched, runtime }, files);
      return warnOnce(withNameWarnings(mirrors, isDialled), processContext.mirrorWarning);
    },
    inspectorOf: (mirrors) => createInspector({ ...inspecting, mirrors }),
    hasNodes: processContext.cluster !== null,
  });
  const { groups, rest } = grouped;
  const partsChecker = createPartsChecker({ ...inspecting, maxManifestBytes: section.maxManifestBytes });
  const credentialsOf = credentialsFrom(server);
  const credentials = credentialsOf();
  const isolated = !configuration.server.engineApi.ownCredentials;
  const imageLookup: ImageLookup = {
    inspector: rest.inspector,
    credentialsOf: (given) => credentialsOf(given ? { explicit: given, isolated } : { isolated }),
    timeoutMs: section.resolutionTimeout,
  };
  const place = createStaticPlacement(groups, configuredPlatforms(configuration.platforms.required));
  const cluster = processContext.cluster?.part({ configuration, server, grouped, blind: place }) ?? null;
  const around: ContextProvider =
    cluster?.around ?? (({ workload }) => standalone(credentials, place(workload)));
  return {
    configuration,
    grouped,
    groups,
    mirrors: rest.mirrors,
    inspector: rest.inspector,
    partsChecker,
    proxy,
    limits,
    registry,
    health,
    cache,
    server,
    judge: new Judge(policies(policy)),
    credentials,
    imageLookup,
    placement: place,
    cluster,
    contextProvider: around,
  };
}

function loopback({ registry }: Configuration, { inCluster }: ProcessContext): 'skip' | 'contact' {
  if (registry.loopback !== 'auto') return registry.loopback;
  return inCluster ? 'skip' : 'contact';
}

/** The cache of the generation before, unless its size changed, or the credentials that its answers were given for. */
function keptCache(
  configuration: Configuration,
  server: ServerCredentials,
  before: ConfigSnapshot | null,
): InspectionCache | null {
  if (!before) return null;
  const identity = (
    { cache, credentials }: Configuration,
    { dockerConfig, nodeDockerConfig }: ServerCredentials,
  ) => [cache.maxEntries, credentials, dockerConfig, nodeDockerConfig];
  const same = isDeepStrictEqual(
    identity(configuration, server),
    identity(before.configuration, before.server),
  );
  return same ? before.cache : null;
}

function authority(file: string, index: number, files: RecordedFiles): string {
  const refused = (message: string, cause?: unknown) => {
    const path = `registry.caFiles[${index}]`;
    return new ConfigurationError([{ file, line: null, column: null, path, message }], { cause });
  };
  try {
    const text = files.read(file);
    if (text === null) throw refused('does not exist; correct the path');
    if (!text.includes('-----BEGIN CERTIFICATE-----')) throw refused('holds no certificate in PEM');
    return text;
  } catch (error) {
    throw error instanceof FileError ? refused(error.message, error) : error;
  }
}

function defined(environment: ProcessContext['environment']): Record<string, string> {
  const set = Object.entries(environment).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  return Object.fromEntries(set);
}
