/** Log of one resolution: the queries to each endpoint and their results, in the order of the first query. */
import type { Endpoint, Skip } from '../../endpoints/endpoint.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Digest } from '../../reference/digest.ts';
import type { RequestTally } from '../../registry/registry.ts';
import type { Warning } from '../../warning.ts';
import type { Attempt, EndpointResult } from '../inspection.ts';

/** Result of one query. */
export interface AttemptResult {
  readonly result: EndpointResult;
  readonly reason: string | null;
  readonly message: string;
  /** Milliseconds; see `Attempt`. */
  readonly retryAfterMs?: number;
  /** Present if nodes may query the endpoint although Pratique skips it. */
  readonly mayServe?: true;
}

interface Entry {
  readonly endpoint: Endpoint;
  readonly tally: RequestTally;
  result: AttemptResult;
  digest: Digest | null;
  platforms: readonly Platform[] | null;
  durationMs: number;
  /** Start of the running query on the monotonic clock; null if none is running. */
  startedAt: number | null;
}

/** Returns the identity of an endpoint across mirror lists: its API root and repository. */
export function endpointKey(endpoint: Endpoint): string {
  return `${endpoint.url} ${endpoint.repository}`;
}

export class AttemptLog {
  readonly #entries = new Map<string, Entry>();

  /** Records the start of a query. Returns the tally in which its requests are counted. */
  started(endpoint: Endpoint): RequestTally {
    const entry = this.#entry(endpoint);
    entry.startedAt = performance.now();
    return entry.tally;
  }

  /** Records the end of a query. Durations of several queries add up; the last result counts. */
  finished(endpoint: Endpoint, result: AttemptResult): void {
    const entry = this.#entry(endpoint);
    entry.result = result;
    entry.durationMs += elapsed(entry);
    entry.startedAt = null;
  }

  /**
   * Records a skip, unless the endpoint was queried before, because its response says more than the skip. `coolingMs` is the
   * remaining pause that the endpoint has requested; 0 if there is none.
   */
  skipped(endpoint: Endpoint, skip: Skip, coolingMs: number): void {
    if (this.#entries.has(endpointKey(endpoint))) return;
    const retry = coolingMs > 0 ? { retryAfterMs: coolingMs } : {};
    this.#entry(endpoint).result = { result: 'skipped', ...skip, ...retry };
  }

  /** Records that the endpoint served the manifest; `message` covers its parts. */
  served(endpoint: Endpoint, digest: Digest, platforms: readonly Platform[] | null, message: string): void {
    const entry = this.#entry(endpoint);
    entry.result = { result: 'available', reason: null, message };
    entry.digest = digest;
    entry.platforms = platforms;
  }

  /** Returns the API root of an endpoint as it was contacted. */
  urlOf(endpoint: Endpoint): string {
    const entry = this.#entries.get(endpointKey(endpoint));
    return entry ? contactedUrl(entry) : endpoint.url;
  }

  /** Returns the current state; a running query is shown as a timeout. */
  list(): readonly Attempt[] {
    return [...this.#entries.values()].map(attemptOf);
  }

  /** Returns the warnings that the endpoints sent. */
  warnings(): readonly Warning[] {
    return [...this.#entries.values()].flatMap(({ endpoint: { role, url }, tally }) =>
      [...(tally.warnings ?? [])].map((text) => ({
        code: 'RegistryWarning',
        message: `${role} ${url} says: ${text}`,
        source: null,
      })),
    );
  }

  #entry(endpoint: Endpoint): Entry {
    const key = endpointKey(endpoint);
    const known = this.#entries.get(key);
    if (known) return known;
    const entry: Entry = {
      endpoint,
      tally: newTally(),
      result: notQueried,
      digest: null,
      platforms: null,
      durationMs: 0,
      startedAt: null,
    };
    this.#entries.set(key, entry);
    return entry;
  }
}

export function newTally(): RequestTally {
  return {
    requests: 0,
    tokenRequests: 0,
    status: null,
    isPlainHttp: false,
    credentialSources: new Set(),
  };
}

const notQueried: AttemptResult = { result: 'skipped', reason: 'DeadlineExceeded', message: 'not asked' };

function elapsed({ startedAt }: Entry): number {
  return startedAt === null ? 0 : performance.now() - startedAt;
}

/** Returns the API root as contacted, with plain http after a fallback from https. */
function contactedUrl({ endpoint, tally }: Entry): string {
  return tally.isPlainHttp ? endpoint.url.replace(/^https:/, 'http:') : endpoint.url;
}

function attemptOf(entry: Entry): Attempt {
  const { endpoint, tally, digest, platforms } = entry;
  const durationMs = Math.round(entry.durationMs + elapsed(entry));
  const result: AttemptResult =
    entry.startedAt === null
      ? entry.result
      : { result: 'unavailable', reason: 'Timeout', message: 'no complete answer before the deadline' };
  return {
    endpoint: contactedUrl(entry),
    role: endpoint.role,
    configured: endpoint.source !== null,
    repository: endpoint.repository,
    ...result,
    status: tally.status,
    digest,
    platforms,
    requests: tally.requests,
    tokenRequests: tally.tokenRequests,
    durationMs,
  };
}
