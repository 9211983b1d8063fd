/**
 * Probe for the existence of one part: by HEAD, or by the first byte of a GET if HEAD is known to mislead. It does not read
 * the content.
 */
import { RegistryError } from '../registry/error.ts';
import type { ContentAnswer } from '../registry/registry.ts';
import type { Send } from '../fetch/open-body.ts';
import { isAboutMethod } from '../fetch/locate.ts';

export interface Probed {
  readonly status: number;
  readonly via: 'head' | 'range' | 'get';
  /** The server's size of the part if it differs from the descriptor; otherwise null. */
  readonly otherSize: number | null;
  /** True if the server refused a range request with 400. Nodes that fetch in parallel begin with such a request. */
  readonly refusesRange: boolean;
}

const firstByte = 'bytes=0-0';

/** Probes one part. Throws `RegistryError`. */
export async function probe(send: Send, size: number, signal: AbortSignal): Promise<Probed> {
  try {
    const head = await send({ method: 'HEAD', range: null }, signal);
    head.close();
    return probed(head, 'head', size);
  } catch (error) {
    if (!(error instanceof RegistryError) || !isWorthGet(error)) throw error;
  }
  return await probeFirstByte(send, size, signal);
}

async function probeFirstByte(send: Send, size: number, signal: AbortSignal): Promise<Probed> {
  try {
    const answer = await send({ method: 'GET', range: firstByte }, signal);
    answer.close();
    return probed(answer, 'range', size);
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
    // Empty content has no first byte, so 416 is correct.
    if (error.status === 416 && size === 0)
      return { status: 416, via: 'range', otherSize: null, refusesRange: false };
    if (error.status !== 400) throw error;
  }
  const answer = await send({ method: 'GET', range: null }, signal);
  answer.close();
  return { ...probed(answer, 'get', size), refusesRange: true };
}

/** Tests whether the server honours a range request; `refused` means that it answers 400. Throws `RegistryError`. */
export async function honoursRange(
  send: Send,
  range: string,
  signal: AbortSignal,
): Promise<'honoured' | 'ignored' | 'refused'> {
  try {
    const answer = await send({ method: 'GET', range }, signal);
    answer.close();
    return answer.status === 206 ? 'honoured' : 'ignored';
  } catch (error) {
    if (error instanceof RegistryError && error.status === 400) return 'refused';
    throw error;
  }
}

/**
 * Returns true if GET may succeed or explain more: some servers do not support HEAD, answer it with 404, sign URLs for GET
 * alone, or give a reason only in response to GET.
 */
function isWorthGet(error: RegistryError): boolean {
  return isAboutMethod(error) || error.status === 404 || error.status === 403;
}

function probed(answer: ContentAnswer, via: Probed['via'], size: number): Probed {
  const actualSize = sizeOf(answer);
  const { status } = answer;
  if (status !== 200 && (status !== 206 || via !== 'range')) {
    const message = `${answer.where} answered ${status} to a request for content`;
    throw new RegistryError('malformed', message, { reason: 'UnexpectedStatus', status });
  }
  return {
    status,
    via,
    otherSize: actualSize === null || actualSize === size ? null : actualSize,
    refusesRange: false,
  };
}

/** Returns null if the response has no size, or only the length of an encoded body. */
function sizeOf({ status, length, contentRange, encodings }: ContentAnswer): number | null {
  if (encodings.length > 0) return null;
  if (status !== 206) return length;
  const total = /\/(\d{1,15})$/.exec((contentRange ?? '').trim())?.[1];
  return total === undefined ? null : Number(total);
}
