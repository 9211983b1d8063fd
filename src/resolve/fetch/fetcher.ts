/** containerd's fetcher: any content by digest as a stream, resumed where it breaks, verified, in constant memory. Keeps nothing. */
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
  /** Aborts when the work has no more time, or its caller went away. */
  readonly signal: AbortSignal;
  /** A body that sends nothing for so long has broken, milliseconds. */
  readonly stallMs?: number;
  /** Told of every source that begins to send. */
  readonly onOpened?: (source: string) => void;
}

/** Where content came from in the end, and how much of it. */
export interface Fetched {
  readonly endpoint: Endpoint | null;
  /** The endpoint's URL, or the origin of the external one; null when nothing had to be asked. */
  readonly source: string | null;
  readonly bytes: number;
  /** Endpoints that were passed over before. */
  readonly refusals: readonly ContentRefusal[];
}

const nothing: Fetched = { endpoint: null, source: null, bytes: 0, refusals: [] };

const defaultStallMs = 15_000;
// The number of containerd's httpReadSeeker.
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
   * The bytes of content from `offset` on, never more than its size; from the beginning they are verified before the end is
   * reached. `first` is an answer that was opened already. Throws `FetchError`.
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

  /** Reads content to its end and keeps nothing. `progress` is told of every chunk's length. Throws `FetchError`. */
  async verify(content: Content, progress: (bytes: number) => void = () => {}): Promise<Fetched> {
    const chunks = this.stream(content);
    for (;;) {
      const next = await chunks.next();
      if (next.done) return next.value;
      progress(next.value.byteLength);
    }
  }

  /** Content of which no more than the digest, and maybe the type, is known. Throws `FetchError`. */
  async *streamByDigest(digest: Digest, mediaType = ''): AsyncGenerator<Uint8Array, Fetched> {
    const { content, opened } = await locate(digest, mediaType, this.#source);
    return yield* this.stream(content, 0, opened);
  }

  /** All bytes of content of at most `max`. Throws `FetchError`. */
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
    // containerd opens nothing where nothing is left to read.
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
        // All of it came before the connection broke; the digest decides.
        if (offset === content.size) return fetched(opened, offset - from);
        breaks = offset > before ? 0 : breaks + 1;
        if (breaks > maxBreaksWithoutProgress) throw error;
      }
    }
  }

  /** The bytes of one answer, without those that were read before. */
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

/** A connection that ended early, or fell silent: what is missing can be asked for. */
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
