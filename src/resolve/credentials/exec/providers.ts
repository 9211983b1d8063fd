/** All credential providers of the configuration as one: what the kubelet would get for an image. */
import { clean } from '../../../util/text/text.ts';
import { Semaphore } from '../../../util/async/semaphore.ts';
import type { CredentialProviders } from '../credentials.ts';
import type { KeyedEntry } from '../docker-config.ts';
import { decodeProviderConfig, ProviderConfigError } from './config.ts';
import { Provider, type ProviderTools } from './provider.ts';
import { validateProviders } from './validate.ts';

export interface ProvidersOptions extends ProviderTools {
  /** Text of the `CredentialProviderConfig`. */
  readonly config: string;
  /** A provider failed: its name and what happened, without secrets. */
  readonly failed: (provider: string, message: string) => void;
}

// A process each, of tens of megabytes; and whoever writes a pod can name any number of registries of a cloud.
const maxRuns = 8;

/** Throws `ProviderConfigError` with everything that is wrong. */
export function credentialProviders({ config, failed, ...tools }: ProvidersOptions): CredentialProviders {
  const configs = decodeProviderConfig(config);
  const problems = validateProviders(configs, true);
  if (problems.length > 0) {
    throw new ProviderConfigError(problems.map(({ field, message }) => `${field}: ${message}`).join('; '));
  }
  // Pratique has no tokens of service accounts; the kubelet too asks such a provider only where there is one.
  const usable = configs.filter(({ tokenAttributes }) => tokenAttributes?.requireServiceAccount !== true);
  const run = atMost(maxRuns, tools.run);
  const providers = usable.map((each) => new Provider(each, { ...tools, run }));
  return {
    covers: (image) => providers.some((provider) => provider.covers(image)),
    async entries(image, signal) {
      const asked = providers.map((provider) =>
        provider.entries(image).catch((error: unknown): readonly KeyedEntry[] => {
          failed(provider.name, error instanceof Error ? clean(error.message, 512) : 'unknown error');
          return [];
        }),
      );
      return (await untilAborted(Promise.all(asked), signal)).flat();
    },
  };
}

function atMost(count: number, run: ProviderTools['run']): ProviderTools['run'] {
  const slots = new Semaphore(count);
  return async (command) => {
    await slots.acquire(new AbortController().signal);
    try {
      return await run(command);
    } finally {
      slots.release();
    }
  };
}

/** The wait ends with `signal`; the work goes on, and the next caller finds its result. */
function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error);
    if (signal.aborted) return abort();
    signal.addEventListener('abort', abort, { once: true });
    void work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
