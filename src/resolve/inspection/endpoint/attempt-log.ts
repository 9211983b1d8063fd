/** The record of one inspection: what was asked of each endpoint and what came of it, in the order of the first question. */
import type { Endpoint, Skip } from '../../endpoints/endpoint.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Digest } from '../../reference/digest.ts';
import type { RequestTally } from '../../registry/registry.ts';
import type { Warning } from '../../warning.ts';
import type { Attempt, EndpointResult } from '../inspection.ts';

/** What one question ended with. */
export interface Answered {
  readonly result: EndpointResult;
  readonly reason: string | null;
  readonly message: string;
}

interface Entry {
  readonly endpoint: Endpoint;
  readonly tally: RequestTally;
  answered: Answered;
  digest: Digest | null;
  platforms: readonly Platform[] | null;
  durationMs: number;
  /** Set while a question is under way. */
  askedAt: number | null;
}

/** The same API root and repository is the same endpoint, whichever list names it. */
export function endpointKey(endpoint: Endpoint): string {
  return `${endpoint.url} ${endpoint.repository}`;
}

export class AttemptLog {
  readonly #entries = new Map<string, Entry>();

  /** An endpoint is about to be asked; its requests are counted in the tally returned. */
  asking(endpoint: Endpoint): RequestTally {
    const entry = this.#entry(endpoint);
    entry.askedAt = performance.now();
    return entry.tally;
  }

  /** The question ended. Several questions to one endpoint add up; the last one tells its result. */
  answered(endpoint: Endpoint, answered: Answered): void {
    const entry = this.#entry(endpoint);
    entry.answered = answered;
    entry.durationMs += since(entry);
    entry.askedAt = null;
  }

  skipped(endpoint: Endpoint, skip: Skip): void {
    // What it said when it was asked tells more than why it was not asked again.
    if (this.#entries.has(endpointKey(endpoint))) return;
    this.#entry(endpoint).answered = { result: 'skipped', ...skip };
  }

  /** It served the manifest; what it said about single objects is told in `message`. */
  served(endpoint: Endpoint, digest: Digest, platforms: readonly Platform[] | null, message: string): void {
    const entry = this.#entry(endpoint);
    entry.answered = { result: 'available', reason: null, message };
    entry.digest = digest;
    entry.platforms = platforms;
  }

  /** As it stands; an endpoint that has not answered yet is shown as such. */
  list(): readonly Attempt[] {
    return [...this.#entries.values()].map(attemptOf);
  }

  /** What the endpoints warned of themselves. */
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
      answered: notAsked,
      digest: null,
      platforms: null,
      durationMs: 0,
      askedAt: null,
    };
    this.#entries.set(key, entry);
    return entry;
  }
}

export function newTally(): RequestTally {
  return { requests: 0, tokenRequests: 0, status: null };
}

const notAsked: Answered = { result: 'skipped', reason: 'DeadlineExceeded', message: 'not asked' };

function since({ askedAt }: Entry): number {
  return askedAt === null ? 0 : performance.now() - askedAt;
}

function attemptOf(entry: Entry): Attempt {
  const { endpoint, tally, digest, platforms } = entry;
  const durationMs = Math.round(entry.durationMs + since(entry));
  const answered: Answered =
    entry.askedAt === null
      ? entry.answered
      : { result: 'unavailable', reason: 'Timeout', message: `no answer after ${durationMs} ms` };
  return {
    endpoint: endpoint.url,
    role: endpoint.role,
    configured: endpoint.source !== null,
    repository: endpoint.repository,
    ...answered,
    status: tally.status,
    digest,
    platforms,
    requests: tally.requests,
    tokenRequests: tally.tokenRequests,
    durationMs,
  };
}
