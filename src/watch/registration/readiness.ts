/** Readiness of the registration: whether the API server calls this replica and trusts its certificate. It changes nothing. */
import { clean } from '../../util/text/text.ts';
import type { ConfigurationInformers } from './configuration-informers.ts';
import type { WebhookConfiguration } from './webhook-configurations.ts';

export interface RegistrationReadinessOptions {
  readonly configurations: Pick<ConfigurationInformers, 'current' | 'failure'>;
  /** Name of the configurations, for messages. */
  readonly name: string;
  /** Returns why a client that trusts `bundle` (PEM) would reject the served certificate, requested for `host`; null if it accepts it. */
  readonly whyUntrusted: (bundle: string, host: string) => string | null;
  /** Whether Pratique fills the bundles. Otherwise an empty one may be right: the API server then trusts its system's CAs. */
  readonly fillsBundles: boolean;
}

export class RegistrationReadiness {
  readonly #options: RegistrationReadinessOptions;

  constructor(options: RegistrationReadinessOptions) {
    this.#options = options;
  }

  /** Returns why the API server would not trust this replica; null if it does or is not registered to call it. */
  problem(): string | null {
    const { configurations, name } = this.#options;
    const current = configurations.current();
    if (!current) {
      const failure = configurations.failure();
      return `the webhook configurations were not read yet${failure === null ? '' : `: ${failure}`}`;
    }
    for (const configuration of current) {
      const problem = this.#problemOf(configuration);
      if (problem !== null) return `${configuration.kind} ${name}: ${problem}`;
    }
    return null;
  }

  /** Returns whether the mutating webhook was registered for a pod created then in a namespace; null before the configurations are known. */
  mutates(namespace: string, createdAt: number): boolean | null {
    const current = this.#options.configurations.current();
    if (!current) return null;
    const mutating = current.find(({ kind }) => kind === 'MutatingWebhookConfiguration');
    // A configuration of a later installation has not missed an earlier pod.
    if (!mutating || createdAt <= mutating.createdAt) return false;
    return mutating.webhooks.some(({ excludes }) => !excludes.includes(namespace));
  }

  #problemOf({ webhooks, isInjected }: WebhookConfiguration): string | null {
    const { fillsBundles, whyUntrusted } = this.#options;
    for (const { name, bundle, host } of webhooks) {
      if (bundle === '' && !fillsBundles && !isInjected) continue;
      if (bundle === '') return `the caBundle of ${clean(name)} is still empty`;
      const problem = whyUntrusted(bundle, host);
      if (problem !== null) return `the served certificate is not trusted by ${clean(name)}: ${problem}`;
    }
    return null;
  }
}
