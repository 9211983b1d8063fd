/** Parser of `imageID` in container statuses, which differs by runtime. */
import { type Digest, isDigest } from '../../../resolve/reference/digest.ts';

// Limit of an ID in characters: a name has at most 255, and a digest 135.
const maxLength = 1_024;

export interface ImageId {
  /** Name that the runtime writes, for example `docker.io/library/nginx`. */
  readonly repository: string;
  readonly digest: Digest;
}

/**
 * Returns repository and digest of a manifest; null if the ID has none. `sha256:…` alone, or after
 * `docker://`, is the digest of an image configuration, which runtimes report for images that were loaded and
 * not pulled.
 */
export function parseImageId(imageId: string): ImageId | null {
  if (imageId.length > maxLength) return null;
  const at = imageId.lastIndexOf('@');
  if (at <= 0 || imageId.endsWith('//', at)) return null;
  const digest = imageId.slice(at + 1);
  const repository = imageId.slice(imageId.indexOf('://') + (imageId.includes('://') ? 3 : 1), at);
  return isDigest(digest) ? { repository, digest } : null;
}
