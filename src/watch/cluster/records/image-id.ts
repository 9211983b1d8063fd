/** What a container runs, as its status says: `imageID` in the several shapes that runtimes give it. */
import { type Digest, isDigest } from '../../../resolve/reference/digest.ts';

// A name has 255 characters at most, a digest 135.
const maxLength = 1_024;

/**
 * The digest of a manifest; null where there is none: `sha256:…` alone, or behind `docker://`, is the digest of a
 * configuration, which the image got where it was loaded and not pulled.
 */
export function digestInImageId(imageId: string): Digest | null {
  if (imageId.length > maxLength) return null;
  const at = imageId.lastIndexOf('@');
  if (at <= 0 || imageId.endsWith('//', at)) return null;
  const digest = imageId.slice(at + 1);
  return isDigest(digest) ? digest : null;
}
