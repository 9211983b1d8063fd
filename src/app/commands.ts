/** The command: arguments in, exit status out. Every verb gets just what it needs of what the configuration makes. */
import { readFile } from 'node:fs/promises';
import { type Arguments, parseArguments } from '../cli/arguments.ts';
import { check } from '../cli/check.ts';
import { type EndpointsTools, showEndpoints } from '../cli/endpoints.ts';
import { help } from '../cli/help.ts';
import { inspect } from '../cli/inspect.ts';
import { type Exit, exit, type Io, UsageError } from '../cli/io.ts';
import type { ManifestFile } from '../cli/manifests.ts';
import { filesBeside } from '../config/load.ts';
import { ConfigurationError } from '../config/problem.ts';
import { Logger } from '../observe/logs/logger.ts';
import { standardOutput } from '../observe/logs/standard-output.ts';
import { Metrics } from '../observe/metrics/metrics.ts';
import { observeInspections } from '../observe/observers.ts';
import { MirrorConfigError } from '../resolve/endpoints/mirror-config-error.ts';
import { applyLimits } from '../resolve/inspection/endpoint/endpoint-limits.ts';
import { silent } from '../resolve/inspection/observer.ts';
import { InvalidPlatform, parsePlatform } from '../resolve/platform/parse.ts';
import { proxyFor } from '../resolve/registry/transport/proxies.ts';
import { parseDuration } from '../util/text/duration.ts';
import { clean } from '../util/text/text.ts';
import { clusterAddress, kubeconfigs, openCluster } from './cluster.ts';
import { type ConfigSnapshot, buildSnapshot, type ProcessContext } from './snapshot.ts';
import { serve } from './server.ts';

export interface Process {
  readonly version: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

type Verb<Name extends Arguments['verb']> = Extract<Arguments, { verb: Name }>;

/** Never rejects but for a programming error. */
export async function run(argv: readonly string[], process: Process, io: Io): Promise<Exit> {
  try {
    return await dispatch(parseArguments(argv), process, io);
  } catch (error) {
    if (!isUsage(error)) throw error;
    io.stderr.write(`pratique: ${error.message}\n`);
    return exit.usage;
  }
}

function isUsage(error: unknown): error is Error {
  return [UsageError, ConfigurationError, MirrorConfigError].some((kind) => error instanceof kind);
}

async function dispatch(args: Arguments, process: Process, io: Io): Promise<Exit> {
  switch (args.verb) {
    case 'help':
      io.stdout.write(help(args.of));
      return exit.ok;
    case 'version':
      io.stdout.write(`${process.version}\n`);
      return exit.ok;
    case 'inspect':
      return runInspect(args, process, io);
    case 'endpoints':
      return runEndpoints(args, process, io);
    case 'check':
      return runCheck(args, process, io);
    case 'serve':
      return runServe(args, process, io);
    default:
      return args satisfies never;
  }
}

async function runInspect(args: Verb<'inspect'>, process: Process, io: Io): Promise<Exit> {
  const timeoutMs = parseDuration(args.timeout);
  if (timeoutMs === null || timeoutMs <= 0) {
    throw new UsageError(`--timeout is a duration such as 30s, not '${clean(args.timeout, 40)}'`);
  }
  const platforms = args.platforms.map(platform);
  const generation = oneOff(args.config, process, io);
  const { groups, credentials, configuration, partsChecker } = generation;
  return closing(generation, () =>
    inspect(
      {
        ...args,
        timeoutMs,
        platforms: platforms.length > 0 ? platforms : configuration.platforms.required,
      },
      { groups, credentials, policy: configuration.policy, partsChecker },
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
  const generation = oneOff(args.config, process, io);
  const { groups, proxy, limits } = generation;
  const proxyOf = (endpoint: { url: string }) => withoutPassword(proxyFor(new URL(endpoint.url), proxy));
  const limit: EndpointsTools['limit'] = (endpoints, reference) => applyLimits(endpoints, reference, limits);
  return closing(generation, () => Promise.resolve(showEndpoints(args, { groups, limit, proxyOf }, io)));
}

function withoutPassword(proxy: string | null): string | null {
  if (proxy === null) return null;
  const { protocol, host } = new URL(proxy);
  return `${protocol}//${host}`;
}

async function runCheck(args: Verb<'check'>, process: Process, io: Io): Promise<Exit> {
  const files = await Promise.all(args.files.map((file) => manifestFile(file, io)));
  const generation = oneOff(args.config, process, io);
  return closing(generation, () => check({ files, output: args.output }, generation, io));
}

// kubectl refuses far smaller ones; this is only against reading /dev/zero for ever.
const maxManifestFile = 256 * 2 ** 20;

async function manifestFile(file: string, io: Io): Promise<ManifestFile> {
  try {
    const bytes = file === '-' ? await io.readStdin(maxManifestFile) : await readFile(file);
    return {
      source: file === '-' ? 'stdin' : file,
      text: new TextDecoder('utf-8', { fatal: true }).decode(bytes),
    };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UsageError(`${clean(file)}: cannot be read: ${clean(why)}`, { cause: error });
  }
}

/** A generation for one command: nothing is counted, and what goes wrong beside the way is told on stderr. */
function oneOff(config: string | null, process: Process, io: Io): ConfigSnapshot {
  const path = pathOf(config, process);
  return buildSnapshot(path, filesBeside(path), {
    ...process,
    inCluster: false,
    cluster: null,
    observer: silent,
    // The verbs show them beside the image that they concern.
    mirrorWarning() {},
    providerFailed: (provider, message) =>
      io.stderr.write(`credential provider ${clean(provider)}: ${clean(message)}\n`),
  });
}

function pathOf(config: string | null, { environment }: Process): string | null {
  return config ?? (environment['PRATIQUE_CONFIG'] || null);
}

async function closing(generation: ConfigSnapshot, work: () => Promise<Exit>): Promise<Exit> {
  try {
    return await work();
  } finally {
    await generation.registry.close();
  }
}

async function runServe(args: Verb<'serve'>, process: Process, io: Io): Promise<Exit> {
  const path = pathOf(args.config, process);
  const files = filesBeside(path);
  const metrics = new Metrics(process.version);
  const out = standardOutput();
  const log = new Logger('info', out);
  const observer = observeInspections(metrics, log);
  const address = clusterAddress(process.environment);
  const cluster = address && openCluster({ ...process, address, log, metrics, observer });
  const processContext: ProcessContext = {
    ...process,
    cluster,
    inCluster: address?.kubeconfig === null,
    observer,
    mirrorWarning: (warning) => log.write('configuration-warning', warning),
    providerFailed: (provider, message) => log.write('credential-provider-failed', { provider, message }),
  };
  const first = buildSnapshot(path, files, processContext);
  if (first.configuration.controller.enabled === true && !cluster) throw noCluster(path);
  const named = kubeconfigs(process.environment).join(', ');
  if (!cluster && named !== '') log.write('configuration-warning', noKubeconfig(named));
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

function noKubeconfig(named: string) {
  const message = 'KUBECONFIG names no file that exists: Pratique serves as if there were no cluster';
  return { code: 'NoKubeconfig', message, source: named };
}

function noCluster(path: string | null): ConfigurationError {
  const message =
    'is true, but no cluster is configured: run in a pod with a service account, or set KUBECONFIG to a file that exists';
  return new ConfigurationError([
    { file: clean(path ?? 'defaults'), line: null, column: null, path: 'controller.enabled', message },
  ]);
}
