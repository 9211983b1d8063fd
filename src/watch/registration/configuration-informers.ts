/** Informers of Pratique's own webhook configurations, restricted to their name. They replace polling. */
import { clean } from '../../util/text/text.ts';
import type { KubernetesApi } from '../kubernetes/api.ts';
import { Reflector, type ReflectorObserver, type ReflectorTimes } from '../kubernetes/informer/reflector.ts';
import {
  configurationResources,
  type OwnRegistration,
  parseWebhookConfiguration,
  type WebhookConfiguration,
} from './webhook-configurations.ts';

export interface ConfigurationInformersOptions {
  readonly api: KubernetesApi;
  readonly own: OwnRegistration;
  readonly observer?: ReflectorObserver;
  /** For tests. */
  readonly times?: Partial<ReflectorTimes>;
}

export class ConfigurationInformers {
  readonly #reflectors: readonly Reflector<WebhookConfiguration>[];

  constructor({ api, own, observer, times }: ConfigurationInformersOptions) {
    this.#reflectors = configurationResources.map(
      (resource) =>
        new Reflector<WebhookConfiguration>({
          api,
          resource,
          // RBAC matches this selector with `resourceNames`.
          fieldSelector: `metadata.name=${own.name}`,
          project: (object) => parseWebhookConfiguration(resource, object, own),
          ...(observer && { observer }),
          ...(times && { times }),
        }),
    );
  }

  /** Returns the existing configurations that have our webhooks; null before the first lists are complete. */
  current(): readonly WebhookConfiguration[] | null {
    if (!this.#reflectors.every(({ isSynced }) => isSynced)) return null;
    return this.#reflectors
      .flatMap((reflector) => [...reflector.values()])
      .filter(({ webhooks }) => webhooks.length > 0);
  }

  /** Returns why the configurations could not be read; null without a failure. */
  failure(): string | null {
    const failure = this.#reflectors.find((reflector) => reflector.failure !== null)?.failure;
    return failure ? clean(failure.message) : null;
  }

  /** Calls `listener` after each change. Returns the function that removes it. */
  subscribe(listener: () => void): () => void {
    const unsubscribers = this.#reflectors.map((reflector) => reflector.subscribe(listener));
    return () => unsubscribers.forEach((unsubscribe) => unsubscribe());
  }

  /** Runs until `signal` aborts; never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all(this.#reflectors.map((reflector) => reflector.run(signal)));
  }
}
