/** One exec credential provider: runs its executable for the images it covers and caches the responses for as long as they say. */
import { join } from 'node:path';
import { LRUCache } from 'lru-cache';
import { clean } from '../../../util/text/text.ts';
import type { KeyedEntry } from '../docker-config.ts';
import { parseUrlPattern, type UrlPattern } from '../url-match.ts';
import { cacheKey, registryOf } from './cache-key.ts';
import type { ProviderConfig } from './config.ts';
import { environmentOf, mergeEnv } from './environment.ts';
import { decodeResponse, encodeRequest, type ProviderResponse } from './protocol.ts';
import type { Command } from './run.ts';

export interface ProviderTools {
  /** Directory of the providers' executables. */
  readonly binDir: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly run: (command: Command) => Promise<string>;
  /** Returns milliseconds on a monotonic clock. */
  readonly now: () => number;
}

/** Error for an executable whose output is not a valid response. */
export class ProviderError extends Error {
  override readonly name = 'ProviderError';
  readonly code = 'CREDENTIAL_PROVIDER';
}

interface CachedResponse {
  readonly entries: readonly KeyedEntry[];
  readonly expiresAt: number;
}

// The kubelet has the same limit; callers have shorter deadlines.
const timeoutMs = 60_000;
const maxOutput = 2 ** 20;
const maxCached = 1_000;

export class Provider {
  readonly name: string;
  readonly #source: string;
  readonly #config: ProviderConfig;
  readonly #tools: ProviderTools;
  readonly #patterns: readonly UrlPattern[];
  readonly #cached = new LRUCache<string, CachedResponse>({ max: maxCached });
  /** Running calls by image; callers with the same image share one. */
  readonly #running = new Map<string, Promise<readonly KeyedEntry[]>>();
  /** The last run started for each registry. Runs are serialized, because one response may cover the next image. */
  readonly #queues = new Map<string, Promise<unknown>>();

  constructor(config: ProviderConfig, tools: ProviderTools) {
    this.name = config.name;
    this.#source = `credential provider "${clean(config.name, 80)}"`;
    this.#config = config;
    this.#tools = tools;
    this.#patterns = config.matchImages.flatMap((image) => parseUrlPattern(image) ?? []);
  }

  covers(image: string): boolean {
    return this.#patterns.some((matches) => matches(image));
  }

  /** Returns the docker config entries for this image, [] if it is not covered. Rejects with `ProviderError` or `CommandError`. */
  entries(image: string): Promise<readonly KeyedEntry[]> {
    if (!this.covers(image)) return Promise.resolve([]);
    const cached = this.#lookUp(image);
    if (cached) return Promise.resolve(cached);
    const run = this.#running.get(image) ?? this.#enqueue(image);
    this.#running.set(image, run);
    return run;
  }

  #enqueue(image: string): Promise<readonly KeyedEntry[]> {
    const registry = registryOf(image);
    const run = this.#runAfter(this.#queues.get(registry), image);
    const ended: Promise<unknown> = run
      .catch(() => undefined)
      .finally(() => {
        if (this.#queues.get(registry) === ended) this.#queues.delete(registry);
      });
    this.#queues.set(registry, ended);
    return run;
  }

  async #runAfter(previous: Promise<unknown> | undefined, image: string): Promise<readonly KeyedEntry[]> {
    try {
      await previous;
      return this.#lookUp(image) ?? (await this.#execute(image));
    } finally {
      this.#running.delete(image);
    }
  }

  #lookUp(image: string): readonly KeyedEntry[] | null {
    for (const type of ['Image', 'Registry', 'Global'] as const) {
      const cached = this.#cached.get(cacheKey(type, image, null).base);
      if (cached && cached.expiresAt >= this.#tools.now()) return cached.entries;
    }
    return null;
  }

  async #execute(image: string): Promise<readonly KeyedEntry[]> {
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
    if (!response) throw new ProviderError('its output is not a CredentialProviderResponse');
    if (response.apiVersion !== apiVersion) throw new ProviderError(`its response is not of ${apiVersion}`);
    return this.#store(image, response);
  }

  #store(image: string, response: ProviderResponse): readonly KeyedEntry[] {
    const entries = Object.entries(response.auth).map(
      ([key, credential]): KeyedEntry => [
        key,
        { ...credential, email: '', identityToken: '', registryToken: '', source: this.#source },
      ],
    );
    const forMs = response.cacheDurationMs ?? this.#config.defaultCacheDurationMs ?? 0;
    if (forMs > 0) {
      const { base } = cacheKey(response.cacheKeyType, image, null);
      this.#cached.set(base, { entries, expiresAt: this.#tools.now() + forMs });
    }
    return entries;
  }
}
