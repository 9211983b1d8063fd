/** The version of the configuration that is in use, and how another takes its place. Work in flight keeps the one that it began with. */
import { isDeepStrictEqual } from 'node:util';
import type { RecordedFiles } from '../config/files.ts';
import { filesBeside } from '../config/load.ts';
import type { Reload } from '../config/watch.ts';
import type { Logger } from '../observe/logs/logger.ts';
import type { Metrics } from '../observe/metrics/metrics.ts';
import { type ConfigurationObserver, observeAdmissions, observeConfiguration } from '../observe/observers.ts';
import { type AdmissionHandler, admission } from '../serve/admission/handler.ts';
import { type ConfigSnapshot, buildSnapshot, type ProcessContext } from './snapshot.ts';

export interface LiveConfigurationOptions {
  /** null: the defaults. */
  readonly path: string | null;
  readonly first: ConfigSnapshot;
  readonly processContext: ProcessContext;
  readonly metrics: Metrics;
  readonly log: Logger;
}

export class LiveConfiguration implements Reload {
  readonly #options: LiveConfigurationOptions;
  readonly #observer: ConfigurationObserver;
  readonly #listeners: ((generation: ConfigSnapshot) => void)[] = [];
  #generation: ConfigSnapshot;
  #handle: AdmissionHandler;

  constructor(options: LiveConfigurationOptions) {
    const { first, metrics, log } = options;
    this.#options = options;
    this.#observer = observeConfiguration(metrics, log);
    this.#generation = first;
    this.#handle = this.#use(first);
  }

  get snapshot(): ConfigSnapshot {
    return this.#generation;
  }

  readonly handle: AdmissionHandler = (...request) => this.#handle(...request);

  /** `listener` gets each version that is taken into use after this one. */
  onChange(listener: (generation: ConfigSnapshot) => void): void {
    this.#listeners.push(listener);
  }

  files(): RecordedFiles {
    return filesBeside(this.#options.path);
  }

  apply(files: RecordedFiles): Promise<void> {
    const { path, first, processContext, log } = this.#options;
    const next = buildSnapshot(path, files, processContext, this.#generation);
    if (!isDeepStrictEqual(madeOnce(next), madeOnce(first))) {
      log.write('configuration-warning', restartNeeded(path));
    }
    close(this.#generation);
    this.#generation = next;
    this.#handle = this.#use(next);
    for (const listener of this.#listeners) listener(next);
    return Promise.resolve();
  }

  reject(error: unknown): void {
    this.#observer.configurationRefused(this.#options.path ?? '', error);
  }

  /** The files are as they were, but what the cluster adds to them is not. Gives why it is refused, and the version before stays; null: it is in use. */
  async rebuild(): Promise<string | null> {
    try {
      await this.apply(this.files());
      return null;
    } catch (error) {
      this.reject(error);
      return error instanceof Error ? error.message : String(error);
    }
  }

  #use({ judge, contextProvider: around, configuration }: ConfigSnapshot): AdmissionHandler {
    const { path, metrics, log } = this.#options;
    log.setLevel(configuration.log.level);
    this.#observer.configurationLoaded(path ?? '');
    return admission({
      judge,
      contextProvider: around,
      deadlineMs: configuration.server.webhook.deadline,
      observer: observeAdmissions(metrics, log),
    });
  }
}

/** What is made once, when the process starts. */
function madeOnce({ configuration: { server, controller } }: ConfigSnapshot) {
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
    'listeners, certificates or names in the section server, or where the controller lives, have changed; they are taken into use after a restart';
  return { code: 'RestartNeeded', message, source };
}

/** Closes the connections of a generation when the last work that began with it must have ended. The next one's breakers count from now on. */
function close({ registry, health, configuration }: ConfigSnapshot): void {
  health.retire();
  const { resolutionTimeout } = configuration.registry;
  const longest = Math.max(resolutionTimeout, configuration.server.webhook.deadline) + 1_000;
  setTimeout(() => void registry.close(), longest).unref();
}
