/**
 * Active ConfigSnapshot and its replacement on a reload. Work in flight finishes with the snapshot that it
 * started with.
 */
import { isDeepStrictEqual } from 'node:util';
import type { RecordedFiles } from '../../config/files.ts';
import { filesBeside } from '../../config/load.ts';
import type { Reload } from '../../config/watch.ts';
import type { Logger } from '../../observe/logs/logger.ts';
import type { Metrics } from '../../observe/metrics/metrics.ts';
import {
  type ConfigurationObserver,
  observeAdmissions,
  observeConfiguration,
} from '../../observe/observers/server.ts';
import { type AdmissionHandler, admission } from '../../serve/admission/handler.ts';
import { type ConfigSnapshot, buildSnapshot, type ProcessContext } from './snapshot.ts';

export interface LiveConfigurationOptions {
  /** Path of the configuration file; null if no file is given and the defaults apply. */
  readonly path: string | null;
  readonly first: ConfigSnapshot;
  readonly processContext: ProcessContext;
  readonly metrics: Metrics;
  readonly log: Logger;
}

export class LiveConfiguration implements Reload {
  readonly #options: LiveConfigurationOptions;
  readonly #observer: ConfigurationObserver;
  readonly #listeners: ((snapshot: ConfigSnapshot) => void)[] = [];
  #snapshot: ConfigSnapshot;
  #handle: AdmissionHandler;

  constructor(options: LiveConfigurationOptions) {
    const { first, metrics, log } = options;
    this.#options = options;
    this.#observer = observeConfiguration(metrics, log);
    this.#snapshot = first;
    this.#handle = this.#activate(first);
  }

  get snapshot(): ConfigSnapshot {
    return this.#snapshot;
  }

  readonly handle: AdmissionHandler = (...request) => this.#handle(...request);

  /** Calls `listener` with every later snapshot. */
  onChange(listener: (snapshot: ConfigSnapshot) => void): void {
    this.#listeners.push(listener);
  }

  files(): RecordedFiles {
    return filesBeside(this.#options.path);
  }

  apply(files: RecordedFiles): Promise<void> {
    const { path, first, processContext, log } = this.#options;
    const next = buildSnapshot(path, files, processContext, this.#snapshot);
    if (!isDeepStrictEqual(settingsFixedAtStart(next), settingsFixedAtStart(first))) {
      log.write('configuration-warning', restartNeeded(path));
    }
    close(this.#snapshot);
    this.#snapshot = next;
    this.#handle = this.#activate(next);
    for (const listener of this.#listeners) listener(next);
    return Promise.resolve();
  }

  reject(error: unknown): void {
    this.#observer.configurationRejected(this.#options.path ?? '', error);
  }

  /**
   * Builds the snapshot again after a change in the cluster. Returns null, or an error message if the
   * previous snapshot stays active.
   */
  async rebuild(): Promise<string | null> {
    try {
      await this.apply(this.files());
      return null;
    } catch (error) {
      this.reject(error);
      return error instanceof Error ? error.message : String(error);
    }
  }

  #activate({ judge, contextProvider, configuration }: ConfigSnapshot): AdmissionHandler {
    const { path, metrics, log } = this.#options;
    log.setLevel(configuration.log.level);
    this.#observer.configurationLoaded(path ?? '');
    return admission({
      judge,
      contextProvider,
      deadlineMs: configuration.server.webhook.deadline,
      observer: observeAdmissions(metrics, log),
    });
  }
}

/** Returns the settings that the process reads only once, when it starts. */
function settingsFixedAtStart({ configuration: { server, controller } }: ConfigSnapshot) {
  const { webhook, engineApi, ...others } = server;
  const { deadline: _deadline, ...listener } = webhook;
  const { ownCredentials: _own, ...engineApiListener } = engineApi;
  return {
    ...others,
    listener,
    engineApiListener,
    namespace: controller.namespace,
    enabled: controller.enabled,
  };
}

function restartNeeded(source: string | null) {
  const message =
    'listeners, certificates or names in section server, or controller.enabled or controller.namespace, have changed; restart the server to apply them';
  return { code: 'RestartNeeded', message, source };
}

/**
 * Stops reporting the snapshot's circuit breakers, and closes its connections after the longest time that
 * work started with it can take.
 */
function close({ registry, health, configuration }: ConfigSnapshot): void {
  health.retire();
  const { resolutionTimeout } = configuration.registry;
  const longest = Math.max(resolutionTimeout, configuration.server.webhook.deadline) + 1_000;
  setTimeout(() => void registry.close(), longest).unref();
}
