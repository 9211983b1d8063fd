/** A GET for content whose head must come within its query's time, and whose body lives as long as the work does. */
import type { ContentAnswer, ContentRequest } from '../registry/registry.ts';
import { bytesToSkip } from './range.ts';

/** One request to the source that is being asked. Throws `RegistryError`. */
export type Send = (
  request: Omit<ContentRequest, 'mediaType'>,
  signal: AbortSignal,
) => Promise<ContentAnswer>;

export interface OpenedBody {
  readonly answer: ContentAnswer;
  /** Decoded bytes at the beginning that were read before. */
  readonly skip: number;
  /** Ends the body: when it stalls. */
  readonly abort: (reason: Error) => void;
}

export interface OpenBodyOptions {
  readonly offset: number;
  /** Value of `Range`; null for all of it. */
  readonly range: string | null;
  /** Ends the head. */
  readonly signal: AbortSignal;
  /** Ends the body too. */
  readonly lifetime: AbortSignal;
}

/** Throws `RegistryError`. */
export async function openBody(
  send: Send,
  { offset, range, signal, lifetime }: OpenBodyOptions,
): Promise<OpenedBody> {
  const body = new AbortController();
  const relay = (): void => body.abort(signal.reason);
  if (signal.aborted) relay();
  signal.addEventListener('abort', relay, { once: true });
  try {
    const answer = await send({ method: 'GET', range }, AbortSignal.any([body.signal, lifetime]));
    const skip = checked(answer, offset, range);
    if (skip !== null) return { answer, skip, abort: (reason) => body.abort(reason) };
    answer.close();
  } finally {
    signal.removeEventListener('abort', relay);
  }
  return await openBody(send, { offset, range: null, signal, lifetime });
}

function checked(answer: ContentAnswer, offset: number, range: string | null): number | null {
  try {
    return bytesToSkip(answer, offset, range);
  } catch (error) {
    answer.close();
    throw error;
  }
}
