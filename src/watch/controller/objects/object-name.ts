/** Name of an image's ImageInspection. No two images of one namespace share a name. */
import { createHash } from 'node:crypto';
import { canonical } from '../../../resolve/reference/format.ts';
import type { Reference } from '../../../resolve/reference/reference.ts';

// Limit of the readable part. With dash and hash the name stays far below 253 characters.
const maxReadable = 40;

/**
 * Returns a name such as `nginx-1.27-0123456789`. It consists of the last path part and tag, and a hash of
 * the normalised reference, or of the text if that is not a reference.
 */
export function objectName(image: string, reference: Reference | null): string {
  const identity = reference === null ? image : canonical(reference);
  const readable = reference === null ? image : `${lastPart(reference.path)}${tagOrDigest(reference)}`;
  const hash = createHash('sha256').update(identity).digest('hex').slice(0, 10);
  return `${dnsSafe(readable) || 'image'}-${hash}`;
}

function lastPart(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function tagOrDigest({ tag, digest }: Reference): string {
  if (tag !== null) return `-${tag}`;
  return digest === null ? '' : `-${digest.slice(digest.indexOf(':') + 1).slice(0, 12)}`;
}

/** Keeps letters, digits, dashes, and dots between letters or digits. */
function dnsSafe(text: string): string {
  return text
    .slice(0, 256)
    .toLowerCase()
    .replace(/[^a-z0-9.]+/g, '-')
    .replace(/[-.]*\.[-.]*/g, '.')
    .replace(/^[-.]+/, '')
    .slice(0, maxReadable)
    .replace(/[-.]+$/, '');
}
