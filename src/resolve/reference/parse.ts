/** Parser of image references. It rejects invalid images before any request is sent. */
import { isDigest } from './digest.ts';
import { InvalidReference } from './error.ts';
import { familiarName } from './format.ts';
import { namesRegistry, parseNormalised } from './normalise.ts';
import type { Reference } from './reference.ts';

// 1024: host 253, port 6, path 255, tag 128, digest 135 and separators make 781; a longer text cannot be a reference.
const maxImage = 1024;

/**
 * Parses an image as a user writes it. It adds `docker.io` and `library/`, and `latest` if there is neither tag nor digest; it
 * keeps a tag beside a digest. Throws `InvalidReference`.
 */
export function parseReference(image: string): Reference {
  if (image === '')
    throw new InvalidReference('Empty', image, 'the name is empty; write a name such as nginx:1.27');
  if (image.length > maxImage) {
    const problem = `it has ${image.length} characters; at most ${maxImage} are allowed`;
    throw new InvalidReference('TooLong', image, problem);
  }
  // distribution/reference parses it as a tag of the repository library/sha256; a node treats it as an image ID.
  if (isDigest(image)) {
    const problem = 'a bare image ID exists on a node only; write name:tag or name@sha256:…';
    throw new InvalidReference('ImageId', image, problem);
  }
  const parts = parseNormalised(image);
  if (familiarName(parts) === 'scratch') {
    const problem = 'scratch is a reserved name that no registry serves; name a real image';
    throw new InvalidReference('Reserved', image, problem);
  }
  const tag = parts.tag === null && parts.digest === null ? 'latest' : parts.tag;
  return { ...parts, tag, ...(!namesRegistry(image) && { shortName: nameIn(image) }) };
}

/** Returns the name without tag and digest. */
function nameIn(image: string): string {
  const [name = ''] = image.split(/[:@]/, 1);
  return name;
}
