/** Content of any size asked for as containerd's fetcher asks: its headers, the head of its answer, and where external URLs may lead. */
import type { Endpoint } from '../endpoints/endpoint.ts';
import { bareMediaType } from '../manifest/media-types.ts';
import { RegistryError } from './error.ts';
import type { ContentAnswer, ContentRequest } from './registry.ts';
import type { Headers } from './request.ts';
import { discard } from './response/body.ts';
import { decodedBody } from './response/decoded-body.ts';
import { encodingsOf } from './response/encoding.ts';
import { contentLength, header, type Reply } from './response/reply.ts';

/** The same `Accept-Encoding` as containerd: a server that compresses wrongly must be seen as the node sees it. */
const acceptEncoding = 'zstd;q=1.0, gzip;q=0.8, deflate;q=0.5';

export function contentHeaders({ method, mediaType, range }: ContentRequest): Headers {
  return {
    accept: mediaType === '' ? '*/*' : `${mediaType}, */*`,
    ...(method === 'GET' ? { 'accept-encoding': acceptEncoding } : {}),
    ...(range === null ? {} : { range }),
  };
}

/** Throws `malformed` for an encoding that is not known. `signal` covers the body too. */
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

/** Nothing is decoded after a HEAD, so that its encodings only tell that the length is not that of the content. */
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

/** Throws `malformed`, `ForbiddenAddress`, for a URL that gives up the encryption of the endpoint whose manifest names it. */
export function forbidDowngrade(url: URL, from: Endpoint | null): void {
  if (url.protocol === 'https:' || from?.url.startsWith('http:')) return;
  throw new RegistryError(
    'malformed',
    `the manifest leads from https to plain http (${url.origin}${url.pathname})`,
    { reason: 'ForbiddenAddress' },
  );
}
