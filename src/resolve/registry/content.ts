/**
 * Requests for content of any size, in the form of containerd's fetcher: their headers, the head of the response, and the
 * limits for external URLs.
 */
import type { Endpoint } from '../endpoints/endpoint.ts';
import { bareMediaType } from '../manifest/media-types.ts';
import { RegistryError } from './error.ts';
import type { ContentAnswer, ContentRequest } from './registry.ts';
import type { Headers } from './request.ts';
import { discard } from './response/body.ts';
import { decodedBody } from './response/decoded-body.ts';
import { encodingsOf } from './response/encoding.ts';
import { contentLength, header, type Reply } from './response/reply.ts';

/** Same value as in containerd, so that Pratique sees a server that compresses wrongly as the node does. */
const acceptEncoding = 'zstd;q=1.0, gzip;q=0.8, deflate;q=0.5';

export function contentHeaders({ method, mediaType, range }: ContentRequest): Headers {
  return {
    accept: mediaType === '' ? '*/*' : `${mediaType}, */*`,
    ...(method === 'GET' ? { 'accept-encoding': acceptEncoding } : {}),
    ...(range === null ? {} : { range }),
  };
}

/** Returns the response. `signal` also ends the body. Throws `malformed` for an unknown encoding. */
export async function contentAnswer(
  reply: Reply,
  method: ContentRequest['method'],
  signal: AbortSignal,
): Promise<ContentAnswer> {
  if (method === 'HEAD') await discard(reply);
  const encodings = method === 'HEAD' ? declaredEncodings(reply) : supportedEncodings(reply);
  return {
    status: reply.status,
    where: reply.where,
    mediaType: bareMediaType(header(reply, 'content-type')),
    length: contentLength(reply),
    contentRange: header(reply, 'content-range'),
    encodings,
    bytes: () => decodedBody(reply, encodings, signal),
    close: () => void reply.body.destroy(),
  };
}

/**
 * Returns the declared encodings of a response to HEAD. Nothing is decoded then; they only show that the length is not that of
 * the content.
 */
function declaredEncodings(reply: Reply): readonly string[] {
  const declared = (header(reply, 'content-encoding') ?? '').trim();
  return declared === '' || declared.toLowerCase() === 'identity' ? [] : [declared];
}

function supportedEncodings(reply: Reply): readonly string[] {
  try {
    return encodingsOf(reply);
  } catch (error) {
    reply.body.destroy();
    throw error;
  }
}

/** Throws `malformed` with the reason `ForbiddenAddress` for a plain http URL in the manifest of an https endpoint. */
export function forbidDowngrade(url: URL, from: Endpoint | null): void {
  if (url.protocol === 'https:' || from?.url.startsWith('http:')) return;
  throw new RegistryError(
    'malformed',
    `the manifest leads from https to plain http (${url.origin}${url.pathname})`,
    { reason: 'ForbiddenAddress' },
  );
}
