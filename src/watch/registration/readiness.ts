/** Looks, on every replica, at how Pratique is registered: would the API server trust us, and does it ask us at all? Changes nothing. */
import { setTimeout as sleep } from 'node:timers/promises';
import { clean } from '../../util/text/text.ts';
import { type KubernetesApi, KubernetesError } from '../kubernetes/api.ts';
import { type Own, readConfigurations, type WebhookConfiguration } from './configurations.ts';

export interface RegistrationOptions {
  readonly api: KubernetesApi;
  readonly own: Own;
  /** Why a client that trusts `bundle` (PEM) would refuse the certificate that is served now, asked for as `host`; null: it accepts it. */
  readonly whyUntrusted: (bundle: string, host: string) => string | null;
  /** Is it us who fill the bundles? Else an empty one may be right: the API server trusts its system's authorities then. */
  readonly fillsBundles: boolean;
  readonly checkEveryMs?: number;
}

export class Registration {
  readonly #options: RegistrationOptions;
  /** null before the first look. */
  #seen: readonly WebhookConfiguration[] | null = null;
  #failure: string | null = null;

  constructor(options: RegistrationOptions) {
    this.#options = options;
  }

  /** Looks until `signal` aborts. What was seen last holds while the API server cannot be asked. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    const { api, own, checkEveryMs = 5_000 } = this.#options;
    while (!signal.aborted) {
      try {
        this.#seen = await readConfigurations(api, own, signal);
      } catch (error) {
        this.#failure = error instanceof KubernetesError ? error.message : String(error);
      }
      await sleep(checkEveryMs, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  /** For readiness: why the API server would not trust us; null when it does, or is not to ask us at all. */
  problem(): string | null {
    if (!this.#seen) return `the webhook configurations were not read yet${this.#because()}`;
    for (const configuration of this.#seen) {
      const problem = this.#problemOf(configuration);
      if (problem !== null) return `${configuration.kind} ${this.#options.own.name}: ${problem}`;
    }
    return null;
  }

  /** Does the API server ask us about new pods of a namespace? null before the first look. */
  mutates(namespace: string): boolean | null {
    const ours = this.#seen?.find(({ kind }) => kind === 'MutatingWebhookConfiguration');
    return this.#seen && (ours?.webhooks.some(({ excludes }) => !excludes.includes(namespace)) ?? false);
  }

  #because(): string {
    return this.#failure === null ? '' : `: ${clean(this.#failure)}`;
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
