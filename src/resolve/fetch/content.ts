/** Content that can be fetched, and the paths under which registries store it. */
import type { Endpoint } from '../endpoints/endpoint.ts';
import { shapeOf } from '../manifest/media-types.ts';
import type { Digest } from '../reference/digest.ts';
import type { ContentPath } from '../registry/registry.ts';
import type { ContentRefusal } from './fetch-error.ts';
import type { OpenedBody } from './open-body.ts';

export interface Content {
  readonly digest: Digest;
  /** '' if unknown. */
  readonly mediaType: string;
  /** Size in bytes; null if unknown. */
  readonly size: number | null;
  /** External URLs, tried before the endpoints. */
  readonly urls: readonly string[];
  /** Path at the endpoints; if absent, the media type decides. */
  readonly path?: ContentPath;
}

/** A response whose body has not been read, and its sender. */
export interface OpenedContent extends OpenedBody {
  /** null for an external URL. */
  readonly endpoint: Endpoint | null;
  /** URL of the endpoint, or origin of the external URL. */
  readonly source: string;
  /** Releases the slot of the source. */
  readonly release: () => void;
  /** Endpoints that failed or were skipped before. */
  readonly refusals: readonly ContentRefusal[];
}

/** Returns the path by containerd's rule. It includes schema 1, which containerd's main branch has dropped. */
export function contentPath({ path, mediaType }: Content): ContentPath {
  return path ?? (shapeOf(mediaType) === null ? 'blobs' : 'manifests');
}
