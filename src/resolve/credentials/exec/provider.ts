/** One credential provider: which images it is asked for, and its answers kept as long as it says. */
import { join } from 'node:path';
import { LRUCache } from 'lru-cache';
import type { KeyedEntry } from '../docker-config.ts';
import { parseUrlPattern, type UrlPattern } from '../url-match.ts';
import { cacheKey, registryOf } from './cache-key.ts';
import type { ProviderConfig } from './config.ts';
import { environmentOf, mergeEnv } from './environment.ts';
import { decodeResponse, encodeRequest, type ProviderResponse } from './protocol.ts';
import type { Command } from './run.ts';

export interface ProviderTools {
  /** Directory of the executables. */
  readonly binDir: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly run: (command: Command) => Promise<string>;
  /** Milliseconds on any clock that does not jump. */
  readonly now: () => number;
}

/** The executable answered, but not with credentials. */
export class ProviderError extends Error {
  override readonly name = 'ProviderError';
  readonly code = 'CREDENTIAL_PROVIDER';
}

interface Kept {
  readonly entries: readonly KeyedEntry[];
  readonly expiresAt: number;
}

// The kubelet's own limit; whoever waits has a shorter one.
const timeoutMs = 60_000;
const maxOutput = 2 ** 20;
const maxKept = 1_000;

export class Provider {
  readonly name: string;
  readonly #config: ProviderConfig;
  readonly #tools: ProviderTools;
  readonly #patterns: readonly UrlPattern[];
  readonly #kept = new LRUCache<string, Kept>({ max: maxKept });
  /** By image: who asks for the same shares one run. */
  readonly #flights = new Map<string, Promise<readonly KeyedEntry[]>>();
  /** By registry: the last run begun. One at a time, because its answer may do for the next image too. */
  readonly #queues = new Map<string, Promise<unknown>>();

  constructor(config: ProviderConfig, tools: ProviderTools) {
    this.name = config.name;
    this.#config = config;
    this.#tools = tools;
    this.#patterns = config.matchImages.flatMap((image) => parseUrlPattern(image) ?? []);
  }

  covers(image: string): boolean {
    return this.#patterns.some((matches) => matches(image));
  }

  /** Docker config entries for this image, [] if it is not covered. Rejects with `ProviderError` or `CommandError`. */
  entries(image: string): Promise<readonly KeyedEntry[]> {
    if (!this.covers(image)) return Promise.resolve([]);
    const kept = this.#find(image);
    if (kept) return Promise.resolve(kept);
    const flight = this.#flights.get(image) ?? this.#inTurn(image);
    this.#flights.set(image, flight);
    return flight;
  }

  #inTurn(image: string): Promise<readonly KeyedEntry[]> {
    const registry = registryOf(image);
    const flight = this.#after(this.#queues.get(registry), image);
    const ended: Promise<unknown> = flight
      .catch(() => undefined)
      .finally(() => {
        if (this.#queues.get(registry) === ended) this.#queues.delete(registry);
      });
    this.#queues.set(registry, ended);
    return flight;
  }

  async #after(before: Promise<unknown> | undefined, image: string): Promise<readonly KeyedEntry[]> {
    try {
      await before;
      return this.#find(image) ?? (await this.#ask(image));
    } finally {
      this.#flights.delete(image);
    }
  }

  #find(image: string): readonly KeyedEntry[] | null {
    for (const type of ['Image', 'Registry', 'Global'] as const) {
      const kept = this.#kept.get(cacheKey(type, image, null).base);
      if (kept && kept.expiresAt >= this.#tools.now()) return kept.entries;
    }
    return null;
  }

  async #ask(image: string): Promise<readonly KeyedEntry[]> {
    const { apiVersion, args, env, name } = this.#config;
    const { binDir, environment, run } = this.#tools;
    const system = Object.entries(environment).map(([key, value]) => `${key}=${value}`);
    const configured = env.map((variable) => `${variable.name}=${variable.value}`);
    const output = await run({
      file: join(binDir, name),
      args,
      env: environmentOf(mergeEnv(system, configured)),
      input: encodeRequest(apiVersion, { image }),
      timeoutMs,
      maxOutput,
    });
    const response = decodeResponse(output);
    if (!response) throw new ProviderError('its answer is no CredentialProviderResponse');
    if (response.apiVersion !== apiVersion) throw new ProviderError(`its answer is not of ${apiVersion}`);
    return this.#keep(image, response);
  }

  #keep(image: string, response: ProviderResponse): readonly KeyedEntry[] {
    const entries = Object.entries(response.auth).map(
      ([key, credential]): KeyedEntry => [
        key,
        { ...credential, email: '', identityToken: '', registryToken: '' },
      ],
    );
    const forMs = response.cacheDurationMs ?? this.#config.defaultCacheDurationMs ?? 0;
    if (forMs > 0) {
      const { base } = cacheKey(response.cacheKeyType, image, null);
      this.#kept.set(base, { entries, expiresAt: this.#tools.now() + forMs });
    }
    return entries;
  }
}
