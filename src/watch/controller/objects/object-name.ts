/** What the ImageInspection of an image is called. Two images of one namespace never share a name. */
import { createHash } from 'node:crypto';
import { canonical } from '../../../resolve/reference/format.ts';
import type { Reference } from '../../../resolve/reference/reference.ts';

// Of the readable part; with the dash and the hash it stays far below 253.
const maxReadable = 40;

/**
 * `nginx-1.27-0123456789`: for people the last part of the path and the tag, for machines a hash of the normalised
 * reference, or of the text where that is no reference.
 */
export function objectName(image: string, reference: Reference | null): string {
  const identity = reference === null ? image : canonical(reference);
  const readable = reference === null ? image : `${lastPart(reference.path)}${tail(reference)}`;
  const hash = createHash('sha256').update(identity).digest('hex').slice(0, 10);
  return `${dnsSafe(readable) || 'image'}-${hash}`;
}

function lastPart(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function tail({ tag, digest }: Reference): string {
  if (tag !== null) return `-${tag}`;
  return digest === null ? '' : `-${digest.slice(digest.indexOf(':') + 1).slice(0, 12)}`;
}

/** Letters, digits, dashes and dots; a dot must stand between letters or digits. */
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
