/** Opening of content by GET: the head must arrive within the query's time, while the body may take as long as the work. */
import type { ContentAnswer, ContentRequest } from '../registry/registry.ts';
import { bytesToSkip } from './range.ts';

/** Sends one request to the current source. Throws `RegistryError`. */
export type Send = (
  request: Omit<ContentRequest, 'mediaType'>,
  signal: AbortSignal,
) => Promise<ContentAnswer>;

export interface OpenedBody {
  readonly answer: ContentAnswer;
  /** Number of decoded bytes at the beginning that an earlier response has delivered. */
  readonly skip: number;
  /** Ends the body, for example if it stalls. */
  readonly abort: (reason: Error) => void;
}

export interface OpenBodyOptions {
  readonly offset: number;
  /** Value of `Range`; null to request the whole content. */
  readonly range: string | null;
  /** Ends the request before the head has arrived. */
  readonly signal: AbortSignal;
  /** Ends the body too. */
  readonly lifetime: AbortSignal;
}

/** Sends the request. It repeats it without `Range` if the response to a range is encoded. Throws `RegistryError`. */
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
