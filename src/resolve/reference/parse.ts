/** Text → `Reference`: how Pratique reads an image, and what it refuses before any packet is sent. */
import { isDigest } from './digest.ts';
import { InvalidReference } from './error.ts';
import { familiarName } from './format.ts';
import { parseNormalised } from './normalise.ts';
import type { Reference } from './reference.ts';

// Host 253, port 6, path 255, tag 128, digest 135 and separators make 781; what is longer need not be looked at.
const maxImage = 1024;

/**
 * An image as a person wrote it: `docker.io` and `library/` added, `latest` where there is neither tag nor digest, a tag
 * beside a digest kept. Throws `InvalidReference`.
 */
export function parseReference(image: string): Reference {
  if (image === '')
    throw new InvalidReference('Empty', image, 'the name is empty; write a name such as nginx:1.27');
  if (image.length > maxImage) {
    const problem = `it has ${image.length} characters; at most ${maxImage} are looked at`;
    throw new InvalidReference('TooLong', image, problem);
  }
  // distribution/reference would read it as tag of the repository library/sha256; a node takes it for an image ID.
  if (isDigest(image)) {
    const problem = 'a bare image ID exists on a node only; write name:tag or name@sha256:…';
    throw new InvalidReference('ImageId', image, problem);
  }
  const parts = parseNormalised(image);
  if (familiarName(parts) === 'scratch') {
    const problem = 'scratch is a reserved name that no registry serves; name a real image';
    throw new InvalidReference('Reserved', image, problem);
  }
  return parts.tag === null && parts.digest === null ? { ...parts, tag: 'latest' } : parts;
}
