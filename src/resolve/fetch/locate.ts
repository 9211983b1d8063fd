/** Search for content of which only the digest is known: finds the endpoint that has it, and the path. */
import type { Digest } from '../reference/digest.ts';
import { RegistryError } from '../registry/error.ts';
import type { ContentAnswer, ContentPath } from '../registry/registry.ts';
import type { Content, OpenedContent } from './content.ts';
import type { ContentSource, SourceQuery } from './content-source.ts';
import { FetchError } from './fetch-error.ts';
import { type OpenedBody, openBody } from './open-body.ts';

export interface LocatedContent {
  readonly content: Content;
  readonly opened: OpenedContent;
}

interface Located extends OpenedBody {
  readonly head: ContentAnswer | null;
}

const paths: readonly ContentPath[] = ['blobs', 'manifests'];

/**
 * Searches for a digest by HEAD under `blobs` at all endpoints, then under `manifests` at all endpoints. An endpoint has the
 * content only if a GET succeeds too; otherwise the search continues, while containerd would keep that endpoint. Throws
 * `FetchError`.
 */
export async function locate(
  digest: Digest,
  mediaType: string,
  source: Pick<ContentSource, 'at' | 'lifetime'>,
): Promise<LocatedContent> {
  const wanted: Content = { digest, mediaType, size: null, urls: [] };
  const query: SourceQuery<Located> = async (send, signal) => {
    const head = await headOrNull(() => send({ method: 'HEAD', range: null }, signal));
    const body = { offset: 0, range: null, signal, lifetime: source.lifetime };
    return { head, ...(await openBody(send, body)) };
  };
  const failures: FetchError[] = [];
  for (const path of paths) {
    try {
      const { value, ...found } = await source.at(path, wanted, query);
      const { head, ...opened } = value;
      const described = head ?? opened.answer;
      const type = mediaType || (described.mediaType ?? '');
      return {
        content: { ...wanted, path, mediaType: type, size: sizeOf(described) },
        opened: { ...opened, ...found },
      };
    } catch (error) {
      if (!(error instanceof FetchError)) throw error;
      failures.push(error);
    }
  }
  throw worst(failures);
}

/**
 * Returns true if a HEAD failed for a reason that may not apply to GET: the server does not support the method, or it signs
 * URLs for GET alone.
 */
export function isAboutMethod({ status, reason }: RegistryError): boolean {
  return status === 405 || status === 501 || (status === 403 && reason === 'Redirect');
}

async function headOrNull(head: () => Promise<ContentAnswer>): Promise<ContentAnswer | null> {
  try {
    return await head();
  } catch (error) {
    if (error instanceof RegistryError && isAboutMethod(error)) return null;
    throw error;
  }
}

function sizeOf({ length, encodings }: ContentAnswer): number | null {
  return encodings.length === 0 ? length : null;
}

/** Returns the first failure that leaves open whether the content exists; if there is none, a refusal, then any failure. */
function worst(failures: readonly FetchError[]): FetchError {
  const isUnknown = ({ code }: FetchError): boolean => code !== 'not-found' && code !== 'denied';
  const decisive =
    failures.find(isUnknown) ?? failures.find(({ code }) => code === 'denied') ?? failures.at(0);
  if (!decisive) throw new Error('content was looked for nowhere');
  return decisive;
}
