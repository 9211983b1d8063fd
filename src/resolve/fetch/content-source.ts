/**
 * Source of content: opens it where containerd would, first at the descriptor's external URLs, then at every endpoint in
 * order.
 */
import { type Deadline, deadlineIn, remaining } from '../../util/async/deadline.ts';
import { clean } from '../../util/text/text.ts';
import type { Endpoint } from '../endpoints/endpoint.ts';
import { newTally } from '../inspection/endpoint/attempt-log.ts';
import type { EndpointClient, QuerySuccess } from '../inspection/endpoint/endpoint-query.ts';
import { RegistryError } from '../registry/error.ts';
import type { AttemptContext, ContentPath, Registry } from '../registry/registry.ts';
import type { Warning } from '../warning.ts';
import { type Content, type OpenedContent, contentPath } from './content.ts';
import { externalUrl } from './external-url.ts';
import { type ContentRefusal, FetchError, fromExternalUrl, fromRefusals } from './fetch-error.ts';
import { openBody, type Send } from './open-body.ts';
import { rangeFrom } from './range.ts';
import type { SourceSlots } from './source-slots.ts';

export interface SourceOptions {
  readonly registry: Registry;
  readonly client: EndpointClient;
  /** Endpoints that may serve digests, in order. */
  readonly endpoints: readonly Endpoint[];
  /** Returns the endpoint whose manifest names the content; null if unknown. */
  readonly namedBy: () => Endpoint | null;
  readonly slots: SourceSlots;
  readonly deadline: Deadline;
  readonly warn: (warning: Warning) => void;
  /** Time limit for the head of a response, milliseconds. */
  readonly headTimeoutMs?: number;
}

/** Result of one request for content at the source that answered. */
export interface ContentFound<T> {
  readonly value: T;
  readonly endpoint: Endpoint | null;
  readonly source: string;
  readonly release: () => void;
  /** Endpoints that failed or were skipped before. */
  readonly refusals: readonly ContentRefusal[];
}

/** One request, or a few related ones, to one source. Throws `RegistryError`. */
export type SourceQuery<T> = (send: Send, signal: AbortSignal, source: string) => Promise<T>;

// 15 s: a working server starts its response earlier, and the last endpoint must not use all of the remaining time.
const defaultHeadTimeoutMs = 15_000;

export class ContentSource {
  readonly #options: SourceOptions;

  constructor(options: SourceOptions) {
    this.#options = options;
  }

  get #headTimeoutMs(): number {
    return this.#options.headTimeoutMs ?? defaultHeadTimeoutMs;
  }

  /** Signal that aborts when no time is left for any body. */
  get lifetime(): AbortSignal {
    return this.#options.deadline.signal;
  }

  /**
   * Opens content at `offset`. `isEncoded` is true if an earlier response was encoded, so that a range cannot be requested.
   * Throws `FetchError`.
   */
  async open(content: Content, offset: number, isEncoded: boolean): Promise<OpenedContent> {
    const range = isEncoded ? null : rangeFrom(offset);
    const { lifetime } = this;
    const { value, ...found } = await this.first(content, (send, signal) =>
      openBody(send, { offset, range, signal, lifetime }),
    );
    return { ...value, ...found };
  }

  /** Returns the result of the first source that answers a query. The caller must release its slot. Throws `FetchError`. */
  async first<T>(content: Content, query: SourceQuery<T>): Promise<ContentFound<T>> {
    return (await this.#fromUrls(content, query)) ?? (await this.at(contentPath(content), content, query));
  }

  /** Returns the result of the first endpoint that answers a query about `path`. */
  async at<T>(path: ContentPath, content: Content, query: SourceQuery<T>): Promise<ContentFound<T>> {
    const { endpoints } = this.#options;
    const refusals: ContentRefusal[] = [];
    for (const [index, endpoint] of endpoints.entries()) {
      const found = await this.#atEndpoint(endpoint, index, path, content, query);
      if (!('result' in found)) return { ...found, refusals };
      refusals.push(found);
    }
    throw fromRefusals(refusals);
  }

  async #fromUrls<T>(content: Content, query: SourceQuery<T>): Promise<ContentFound<T> | null> {
    for (const text of content.urls) {
      const external = externalUrl(text);
      if (!external) continue;
      if (external.isDecoded) this.#options.warn(decodedWarning(text, external.url));
      const found = await this.#fromUrl(external.url, content, query);
      if (found) return found;
    }
    return null;
  }

  /** Returns null if the URL does not have the content. Any other failure ends the whole attempt, as on the node. */
  async #fromUrl<T>(
    url: URL,
    { mediaType }: Content,
    query: SourceQuery<T>,
  ): Promise<ContentFound<T> | null> {
    const { registry, namedBy, slots, deadline } = this.#options;
    const release = await slots.acquire(url.origin, deadline.signal);
    if (!release) throw timeUp();
    const { signal } = deadlineIn(
      Math.ceil(Math.min(this.#headTimeoutMs, remaining(deadline))),
      deadline.signal,
    );
    const anonymousContext: Omit<AttemptContext, 'signal'> = {
      tally: newTally(),
      credentialsId: '',
      credentials: () => Promise.resolve([]),
      scopeRule: 'challenge',
    };
    try {
      const send: Send = (request, signal) =>
        registry.openUrl(url, namedBy(), { ...request, mediaType }, { ...anonymousContext, signal });
      const value = await query(send, signal, url.origin);
      return { value, endpoint: null, source: url.origin, release, refusals: [] };
    } catch (error) {
      release();
      if (!(error instanceof RegistryError)) throw error;
      if (error.status === 404) return null;
      throw fromExternalUrl(error);
    }
  }

  async #atEndpoint<T>(
    endpoint: Endpoint,
    index: number,
    path: ContentPath,
    content: Content,
    query: SourceQuery<T>,
  ): Promise<Omit<ContentFound<T>, 'refusals'> | ContentRefusal> {
    const { client, slots, deadline, endpoints } = this.#options;
    const release = await slots.acquire(endpoint.url, deadline.signal);
    if (!release) return { endpoint, status: null, ...noTime };
    try {
      const { answer, status } = await this.#queryEndpoint(
        endpoint,
        client.countFrom(endpoints, index),
        path,
        content,
        query,
      );
      if (answer.ok) return { value: answer.value, endpoint, source: endpoint.url, release };
      release();
      const { result, reason, message } = answer;
      return { endpoint, status, result, reason, message };
    } catch (error) {
      release();
      throw error;
    }
  }

  async #queryEndpoint<T>(
    endpoint: Endpoint,
    left: number,
    path: ContentPath,
    { digest, mediaType }: Content,
    query: SourceQuery<T>,
  ) {
    const { registry, client } = this.#options;
    let status: number | null = null;
    const answer = await client.query<T>(endpoint, left, async (contacted, attempt) => {
      const { signal } = deadlineIn(this.#headTimeoutMs, attempt.signal);
      const send: Send = (request, signal) =>
        registry.open(contacted, path, digest, { ...request, mediaType }, { ...attempt, signal });
      try {
        return await query(send, signal, contacted.url);
      } catch (error) {
        if (error instanceof RegistryError) ({ status } = error);
        throw error;
      }
    });
    return { answer: answer as QuerySuccess<T> | Exclude<typeof answer, QuerySuccess<T>>, status };
  }
}

const noTime = {
  result: 'skipped',
  reason: 'DeadlineExceeded',
  message: 'not asked: the time was up',
} as const;

export function timeUp(): FetchError {
  return new FetchError('unavailable', noTime.message, { reason: noTime.reason, status: null });
}

function decodedWarning(text: string, requested: URL): Warning {
  return {
    code: 'UrlDecoded',
    message: `containerd decodes the path of external URLs: it asks for ${clean(requested.pathname, 128)} and not for what the manifest says, ${clean(text, 128)}`,
    source: null,
  };
}
