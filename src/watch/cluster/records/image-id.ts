/** Parser of `imageID` in container statuses, which differs by runtime. */
import { type Digest, isDigest } from '../../../resolve/reference/digest.ts';

// A name has at most 255 characters, a digest 135.
const maxLength = 1_024;

/**
 * Returns the digest of a manifest; null if there is none: `sha256:…` alone, or after `docker://`, is the digest of an image
 * configuration, reported for images that were loaded and not pulled.
 */
export function digestInImageId(imageId: string): Digest | null {
  if (imageId.length > maxLength) return null;
  const at = imageId.lastIndexOf('@');
  if (at <= 0 || imageId.endsWith('//', at)) return null;
  const digest = imageId.slice(at + 1);
  return isDigest(digest) ? digest : null;
}
