/**
 * Fetcher with containerd's rules: streams any content by digest, resumes after a broken connection, and verifies the digest,
 * in constant memory. It stores nothing.
 */
import { createHash } from 'node:crypto';
import type { Endpoint } from '../endpoints/endpoint.ts';
import { algorithmOf, type Digest, encodedOf } from '../reference/digest.ts';
import { RegistryError } from '../registry/error.ts';
import type { Content, OpenedContent } from './content.ts';
import type { ContentSource } from './content-source.ts';
import { type ContentRefusal, FetchError, fromRegistryError } from './fetch-error.ts';
import { locate } from './locate.ts';

export interface FetcherOptions {
  readonly source: ContentSource;
  /** Aborts when the time for the work is up or its caller has left. */
  readonly signal: AbortSignal;
  /** Time without any byte after which a body counts as broken, milliseconds. */
  readonly stallMs?: number;
  /** Called with every source that begins to send. */
  readonly onOpened?: (source: string) => void;
}

/** Source that served the content last, and the number of bytes. */
export interface Fetched {
  readonly endpoint: Endpoint | null;
  /** URL of the endpoint, or origin of the external URL; null if no request was necessary. */
  readonly source: string | null;
  readonly bytes: number;
  /** Endpoints that failed or were skipped before. */
  readonly refusals: readonly ContentRefusal[];
}

const nothing: Fetched = { endpoint: null, source: null, bytes: 0, refusals: [] };

const defaultStallMs = 15_000;
// The same number as in containerd's httpReadSeeker.
const maxBreaksWithoutProgress = 3;

export class Fetcher {
  readonly #source: ContentSource;
  readonly #signal: AbortSignal;
  readonly #stallMs: number;
  readonly #onOpened: FetcherOptions['onOpened'];

  constructor({ source, signal, stallMs, onOpened }: FetcherOptions) {
    this.#onOpened = onOpened;
    this.#source = source;
    this.#signal = signal;
    this.#stallMs = stallMs ?? defaultStallMs;
  }

  /**
   * Streams the content from `offset` on, never more than its size. If `offset` is 0, it verifies the digest before it ends.
   * `first` is a response that is already open. Throws `FetchError`.
   */
  async *stream(
    content: Content,
    offset = 0,
    first: OpenedContent | null = null,
  ): AsyncGenerator<Uint8Array, Fetched> {
    const hash = offset === 0 ? createHash(algorithmOf(content.digest)) : null;
    const chunks = this.#resumed(content, offset, first);
    try {
      for (;;) {
        const next = await chunks.next();
        if (next.done) {
          verifyDigest(content.digest, hash?.digest('hex') ?? null);
          return next.value;
        }
        hash?.update(next.value);
        yield next.value;
      }
    } catch (error) {
      throw error instanceof RegistryError ? fromRegistryError(error) : error;
    } finally {
      await chunks.return(nothing);
    }
  }

  /** Reads content to its end and discards it. `progress` is called with the length of every chunk. Throws `FetchError`. */
  async verify(content: Content, progress: (bytes: number) => void = () => {}): Promise<Fetched> {
    const chunks = this.stream(content);
    for (;;) {
      const next = await chunks.next();
      if (next.done) return next.value;
      progress(next.value.byteLength);
    }
  }

  /** Streams content of which only the digest, and perhaps the type, is known. Throws `FetchError`. */
  async *streamByDigest(digest: Digest, mediaType = ''): AsyncGenerator<Uint8Array, Fetched> {
    const { content, opened } = await locate(digest, mediaType, this.#source);
    return yield* this.stream(content, 0, opened);
  }

  /** Returns all bytes of content that has at most `max` bytes. Throws `FetchError`. */
  async read(content: Content, max: number): Promise<Fetched & { readonly body: Uint8Array }> {
    if ((content.size ?? 0) > max) throw tooLarge(max);
    const parts: Uint8Array[] = [];
    let length = 0;
    const chunks = this.stream(content);
    try {
      for (;;) {
        const next = await chunks.next();
        if (next.done) return { ...next.value, body: Buffer.concat(parts) };
        length += next.value.byteLength;
        if (length > max) throw tooLarge(max);
        parts.push(next.value);
      }
    } finally {
      await chunks.return(nothing);
    }
  }

  async *#resumed(
    content: Content,
    from: number,
    first: OpenedContent | null,
  ): AsyncGenerator<Uint8Array, Fetched> {
    let [offset, breaks, isEncoded, next] = [from, 0, false, first];
    // containerd sends no request if no bytes are left to read.
    if (content.size !== null && offset >= content.size) return unneeded(next);
    for (;;) {
      const opened: OpenedContent = next ?? (await this.#source.open(content, offset, isEncoded));
      next = null;
      this.#onOpened?.(opened.source);
      isEncoded = opened.answer.encodings.length > 0;
      const before = offset;
      try {
        for await (const chunk of this.#chunks(opened)) {
          if (content.size !== null && offset + chunk.byteLength > content.size)
            throw tooLarge(content.size, opened);
          offset += chunk.byteLength;
          yield chunk;
        }
        if (content.size !== null && offset < content.size) throw truncated(opened, offset, content.size);
        return fetched(opened, offset - from);
      } catch (error) {
        if (!isBreak(error) || this.#signal.aborted) throw error;
        // All bytes came before the connection broke, so the digest decides.
        if (offset === content.size) return fetched(opened, offset - from);
        breaks = offset > before ? 0 : breaks + 1;
        if (breaks > maxBreaksWithoutProgress) throw error;
      }
    }
  }

  /** Streams the bytes of one response, without those that an earlier response has delivered. */
  async *#chunks({ answer, skip, abort, release }: OpenedContent): AsyncGenerator<Uint8Array, void> {
    const chunks = answer.bytes()[Symbol.asyncIterator]();
    let left = skip;
    try {
      for (;;) {
        const stalled = setTimeout(() => abort(new DOMException('stalled', 'TimeoutError')), this.#stallMs);
        const next = await chunks.next().finally(() => clearTimeout(stalled));
        if (next.done) return;
        const chunk = left > 0 ? next.value.subarray(left) : next.value;
        left = Math.max(0, left - next.value.byteLength);
        if (chunk.byteLength > 0) yield chunk;
      }
    } finally {
      await chunks.return?.();
      answer.close();
      release();
    }
  }
}

function fetched({ endpoint, source, refusals }: OpenedContent, bytes: number): Fetched {
  return { endpoint, source, bytes, refusals };
}

function unneeded(opened: OpenedContent | null): Fetched {
  opened?.answer.close();
  opened?.release();
  return nothing;
}

/** Returns true if a connection ended early or fell silent, so that the rest can be requested again. */
function isBreak(error: unknown): error is RegistryError {
  return error instanceof RegistryError && (error.reason === 'ConnectionReset' || error.reason === 'Timeout');
}

function verifyDigest(digest: Digest, found: string | null): void {
  if (found === null || found === encodedOf(digest)) return;
  throw new FetchError('malformed', `the content does not match its digest ${digest}`, {
    reason: 'DigestMismatch',
    status: null,
  });
}

function tooLarge(size: number, opened?: OpenedContent): FetchError {
  const where = opened ? `${opened.answer.where}: ` : '';
  const message = `${where}the content is larger than ${size} bytes`;
  return new FetchError('malformed', message, { reason: 'TooLarge', status: opened?.answer.status ?? null });
}

function truncated({ answer }: OpenedContent, bytes: number, size: number): FetchError {
  const message = `${answer.where}: the content ended after ${bytes} of ${size} bytes`;
  return new FetchError('malformed', message, { reason: 'Truncated', status: answer.status });
}
