/** What can be fetched, and where registries keep it. */
import type { Endpoint } from '../endpoints/endpoint.ts';
import { shapeOf } from '../manifest/media-types.ts';
import type { Digest } from '../reference/digest.ts';
import type { ContentPath } from '../registry/registry.ts';
import type { ContentRefusal } from './fetch-error.ts';
import type { OpenedBody } from './open-body.ts';

export interface Content {
  readonly digest: Digest;
  /** '' when not known. */
  readonly mediaType: string;
  /** Bytes; null when not known. */
  readonly size: number | null;
  /** External URLs, tried before the endpoints. */
  readonly urls: readonly string[];
  /** Where endpoints keep it; without it, its type tells. */
  readonly path?: ContentPath;
}

/** A body that comes next, and who sends it. */
export interface OpenedContent extends OpenedBody {
  /** null: an external URL. */
  readonly endpoint: Endpoint | null;
  /** The endpoint's URL, or the origin of the external one. */
  readonly source: string;
  /** Gives back the slot of its source. */
  readonly release: () => void;
  /** Endpoints that were passed over before. */
  readonly refusals: readonly ContentRefusal[];
}

/** containerd's own rule, with schema 1, which its main branch has dropped. */
export function contentPath({ path, mediaType }: Content): ContentPath {
  return path ?? (shapeOf(mediaType) === null ? 'blobs' : 'manifests');
}
