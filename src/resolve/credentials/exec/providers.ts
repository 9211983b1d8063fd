/** All exec credential providers of a configuration combined: returns what the kubelet would get for an image. */
import { clean } from '../../../util/text/text.ts';
import { Semaphore } from '../../../util/async/semaphore.ts';
import type { CredentialProviders, ProvidedEntries } from '../credentials.ts';
import { decodeProviderConfig, ProviderConfigError } from './config.ts';
import { Provider, type ProviderTools } from './provider.ts';
import { validateProviders } from './validate.ts';

export interface ProvidersOptions extends ProviderTools {
  /** Text of the `CredentialProviderConfig`. */
  readonly config: string;
  /** Called when a provider fails, with its name and an error without secrets. */
  readonly failed: (provider: string, message: string) => void;
}

// 8: each run is a process of tens of megabytes, and a pod's author can name any number of a cloud's registries.
const maxRuns = 8;

/** Creates the providers. Throws a `ProviderConfigError` that lists every problem. */
export function credentialProviders({ config, failed, ...tools }: ProvidersOptions): CredentialProviders {
  const configs = decodeProviderConfig(config);
  const problems = validateProviders(configs, true);
  if (problems.length > 0) {
    throw new ProviderConfigError(problems.map(({ field, message }) => `${field}: ${message}`).join('; '));
  }
  // Pratique has no service account tokens, and the kubelet calls such a provider only with one.
  const usable = configs.filter(({ tokenAttributes }) => tokenAttributes?.requireServiceAccount !== true);
  const run = limitConcurrency(maxRuns, tools.run);
  const providers = usable.map((each) => new Provider(each, { ...tools, run }));
  return {
    async entries(image, signal) {
      const covering = providers.filter((provider) => provider.covers(image));
      const results = await untilAborted(
        Promise.all(covering.map((each) => entriesOf(each, image, failed))),
        signal,
      );
      return {
        entries: results.flatMap(({ entries }) => entries),
        problems: results.flatMap(({ problems }) => problems),
      };
    },
  };
}

async function entriesOf(
  provider: Provider,
  image: string,
  failed: ProvidersOptions['failed'],
): Promise<ProvidedEntries> {
  const name = `credential provider "${clean(provider.name, 80)}"`;
  try {
    const entries = await provider.entries(image);
    // The node then continues with its other credentials, or without any.
    return { entries, problems: entries.length === 0 ? [`${name} returned no credentials`] : [] };
  } catch (error) {
    const message = error instanceof Error ? clean(error.message, 512) : 'unknown error';
    failed(provider.name, message);
    return { entries: [], problems: [`${name} failed: ${message}`] };
  }
}

function limitConcurrency(count: number, run: ProviderTools['run']): ProviderTools['run'] {
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

/** Stops waiting when `signal` aborts; the work continues, and its result is cached for the next caller. */
function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error);
    if (signal.aborted) return abort();
    signal.addEventListener('abort', abort, { once: true });
    void work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
