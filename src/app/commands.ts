/**
 * Runner of one command line: it takes the arguments, builds the parts of the configuration that the command
 * needs, and returns the exit status.
 */
import type { Arguments, ConfigurationArguments } from '../cli/arguments/arguments.ts';
import { parseArguments } from '../cli/arguments/command-line.ts';
import { check } from '../cli/check/check.ts';
import { readManifestFiles } from '../cli/check/manifest-files.ts';
import { type EndpointsDeps, showEndpoints } from '../cli/endpoints.ts';
import { inspect } from '../cli/inspect.ts';
import { type Exit, exit, type Io, UsageError } from '../cli/io.ts';
import { filesBeside } from '../config/load.ts';
import { ConfigurationError } from '../config/problem.ts';
import { Logger } from '../observe/logs/logger.ts';
import { standardOutput } from '../observe/logs/standard-output.ts';
import { Metrics } from '../observe/metrics/metrics.ts';
import { observeInspections } from '../observe/observers/server.ts';
import { MirrorConfigError } from '../resolve/endpoints/mirror-config-error.ts';
import { applyLimits } from '../resolve/inspection/endpoint/endpoint-limits.ts';
import { silent } from '../resolve/inspection/observer.ts';
import { InvalidPlatform, parsePlatform } from '../resolve/platform/parse.ts';
import { proxyFor } from '../resolve/registry/transport/proxies.ts';
import { parseDuration } from '../util/text/duration.ts';
import { aborted } from '../util/async/abort.ts';
import { clean } from '../util/text/text.ts';
import { findClusterAddress, kubeconfigPaths, openCluster } from './cluster.ts';
import { parseMirrorArgument } from './configuration/mirror-argument.ts';
import { type ConfigSnapshot, buildSnapshot, type ProcessContext } from './configuration/snapshot.ts';
import { serve } from './server.ts';

export interface Process {
  readonly version: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

type Verb<Name extends Arguments['verb']> = Extract<Arguments, { verb: Name }>;

/** Runs the command line. Rejects only for a programming error. */
export async function run(argv: readonly string[], process: Process, io: Io): Promise<Exit> {
  try {
    return await dispatch(parseArguments(argv), process, io);
  } catch (error) {
    if (!isUsageError(error)) throw error;
    io.stderr.write(`pratique: ${error.message}\n`);
    return exit.usage;
  }
}

function isUsageError(error: unknown): error is Error {
  return [UsageError, ConfigurationError, MirrorConfigError].some((kind) => error instanceof kind);
}

async function dispatch(args: Arguments, process: Process, io: Io): Promise<Exit> {
  switch (args.verb) {
    case 'help':
      io.stdout.write(args.text);
      return exit.ok;
    case 'completion':
      io.stdout.write(args.script);
      return exit.ok;
    case 'version':
      io.stdout.write(`${process.version}\n`);
      return exit.ok;
    case 'inspect':
      return unlessInterrupted(io, (buffered) => runInspect(args, process, buffered));
    case 'endpoints':
      return unlessInterrupted(io, (buffered) => runEndpoints(args, process, buffered));
    case 'check':
      return unlessInterrupted(io, (buffered) => runCheck(args, process, buffered));
    case 'serve':
      return runServe(args, process, io);
    default:
      return args satisfies never;
  }
}

/** Runs `work` and writes its results to stdout at the end. After Ctrl-C it writes nothing. */
async function unlessInterrupted(io: Io, work: (buffered: Io) => Promise<Exit>): Promise<Exit> {
  const written: string[] = [];
  const stdout = { ...io.stdout, write: (text: string) => void written.push(text) };
  const status = await Promise.race([work({ ...io, stdout }), interrupted(io.signal)]);
  if (status !== exit.interrupted) io.stdout.write(written.join(''));
  return status;
}

async function interrupted(signal: AbortSignal): Promise<Exit> {
  await aborted(signal);
  return exit.interrupted;
}

async function runInspect(args: Verb<'inspect'>, process: Process, io: Io): Promise<Exit> {
  const timeoutMs = parseDuration(args.timeout);
  if (timeoutMs === null || timeoutMs <= 0) {
    throw new UsageError(`--timeout must be a duration such as 30s, not '${clean(args.timeout, 40)}'`);
  }
  const platforms = args.platforms.map(platform);
  const snapshot = buildCommandSnapshot(args, process, io);
  const { nodeGroups, credentials, configuration, partsChecker } = snapshot;
  return closeAfter(snapshot, () =>
    inspect(
      {
        ...args,
        timeoutMs,
        platforms: platforms.length > 0 ? platforms : configuration.platforms.required,
      },
      { groups: nodeGroups.groups, credentials, policy: configuration.policy, partsChecker },
      io,
    ),
  );
}

function platform(text: string) {
  try {
    return parsePlatform(text);
  } catch (error) {
    if (error instanceof InvalidPlatform)
      throw new UsageError(`--platform: ${error.message}`, { cause: error });
    throw error;
  }
}

async function runEndpoints(args: Verb<'endpoints'>, process: Process, io: Io): Promise<Exit> {
  const snapshot = buildCommandSnapshot(args, process, io);
  const { nodeGroups, proxy, limits } = snapshot;
  const proxyOf = (endpoint: { url: string }) => withoutPassword(proxyFor(new URL(endpoint.url), proxy));
  const limit: EndpointsDeps['limit'] = (endpoints, reference) => applyLimits(endpoints, reference, limits);
  return closeAfter(snapshot, () =>
    Promise.resolve(showEndpoints(args, { groups: nodeGroups.groups, limit, proxyOf }, io)),
  );
}

function withoutPassword(proxy: string | null): string | null {
  if (proxy === null) return null;
  const { protocol, host } = new URL(proxy);
  return `${protocol}//${host}`;
}

async function runCheck(args: Verb<'check'>, process: Process, io: Io): Promise<Exit> {
  const files = await readManifestFiles(args.files, args.recursive, io);
  const snapshot = buildCommandSnapshot(args, process, io);
  return closeAfter(snapshot, () => check({ ...args, files }, snapshot, io));
}

/** Builds a snapshot for one command, without metrics and with errors of credential providers on stderr. */
function buildCommandSnapshot(args: ConfigurationArguments, process: Process, io: Io): ConfigSnapshot {
  const path = configurationPath(args.config, process);
  return buildSnapshot(path, filesBeside(path), {
    ...process,
    inCluster: false,
    cluster: null,
    mirrors: args.mirrors === null ? null : parseMirrorArgument(args.mirrors),
    observer: silent,
    // The commands show these warnings beside the image that they concern.
    mirrorWarning() {},
    providerFailed: (provider, message) =>
      io.stderr.write(`credential provider ${clean(provider)}: ${clean(message)}\n`),
  });
}

function configurationPath(config: string | null, { environment }: Process): string | null {
  return config ?? (environment['PRATIQUE_CONFIG'] || null);
}

async function closeAfter(snapshot: ConfigSnapshot, work: () => Promise<Exit>): Promise<Exit> {
  try {
    return await work();
  } finally {
    await snapshot.registry.close();
  }
}

async function runServe(args: Verb<'serve'>, process: Process, io: Io): Promise<Exit> {
  const path = configurationPath(args.config, process);
  const files = filesBeside(path);
  const metrics = new Metrics(process.version);
  const out = standardOutput((lines) => metrics.lifecycle.logLinesDropped(lines));
  const log = new Logger('info', out);
  const observer = observeInspections(metrics, log);
  const address = findClusterAddress(process.environment);
  const cluster = address && openCluster({ ...process, address, log, metrics, observer });
  const processContext: ProcessContext = {
    ...process,
    cluster,
    mirrors: null,
    inCluster: address?.kubeconfig === null,
    observer,
    mirrorWarning: (warning) => log.write('configuration-warning', warning),
    providerFailed: (provider, message) => log.write('credential-provider-failed', { provider, message }),
  };
  const first = buildSnapshot(path, files, processContext);
  if (first.configuration.controller.enabled === true && !cluster) throw noClusterError(path);
  const kubeconfigs = kubeconfigPaths(process.environment).join(', ');
  if (!cluster && kubeconfigs !== '') log.write('configuration-warning', noKubeconfigWarning(kubeconfigs));
  try {
    await serve({ path, files, first, processContext, cluster, metrics, log }, io.signal);
    return exit.ok;
  } catch (error) {
    log.write('fatal', { error });
    return exit.refused;
  } finally {
    await out.end();
  }
}

function noKubeconfigWarning(source: string) {
  const message = 'no file in KUBECONFIG exists, so the server runs without a cluster; correct the path';
  return { code: 'NoKubeconfig', message, source };
}

function noClusterError(path: string | null): ConfigurationError {
  const message =
    'is true, but no cluster is configured; run in a pod with a service account, or set KUBECONFIG to an existing file';
  return new ConfigurationError([
    { file: clean(path ?? 'defaults'), line: null, column: null, path: 'controller.enabled', message },
  ]);
}
