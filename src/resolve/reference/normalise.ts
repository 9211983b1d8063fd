/** Parser that adds Docker Hub's defaults (distribution/reference `ParseNormalizedNamed`). */
import { InvalidReference, uppercase } from './error.ts';
import { grammar } from './grammar.ts';
import { type ReferenceParts, parseNamed } from './parse-named.ts';

/** Parses `image`; `nginx` gives docker.io and library/nginx without tag or digest. Throws `InvalidReference`. */
export function parseNormalised(image: string): ReferenceParts {
  if (grammar.identifier.test(image)) {
    const problem = '64 hexadecimal digits are an image ID, not a name; write name:tag or name@sha256:…';
    throw new InvalidReference('ImageId', image, problem);
  }
  const [domain, remainder] = splitDomain(image);
  const [repository = ''] = remainder.split(':', 1);
  if (repository !== repository.toLowerCase()) throw uppercase(image);
  return parseNamed(`${domain}/${remainder}`, image);
}

/**
 * Returns true if `image` names a registry. A name without a slash never does, so `localhost:5000` is a repository with a tag.
 */
export function namesRegistry(image: string): boolean {
  return isDomain(image.slice(0, Math.max(image.indexOf('/'), 0)));
}

/** Splits a name into domain and remainder (distribution/reference `splitDockerDomain`). */
export function splitDomain(image: string): readonly [domain: string, remainder: string] {
  const slash = image.indexOf('/');
  const [domain, remainder] = namesRegistry(image)
    ? [image.slice(0, slash), image.slice(slash + 1)]
    : ['docker.io', image];
  // Docker Hub's old name is replaced. registry-1.docker.io, the host of its API, is treated like any other registry.
  if (domain !== 'docker.io' && domain !== 'index.docker.io') return [domain, remainder];
  return ['docker.io', remainder.includes('/') ? remainder : `library/${remainder}`];
}

/** Returns true if the first component is a host: a dot, a colon, or a capital letter, which repositories cannot contain. */
function isDomain(first: string): boolean {
  return first === 'localhost' || /[.:]/.test(first) || first !== first.toLowerCase();
}
