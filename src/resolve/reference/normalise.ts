/** Text → its parts with Docker Hub's defaults: distribution/reference `ParseNormalizedNamed`. */
import { InvalidReference, uppercase } from './error.ts';
import { grammar } from './grammar.ts';
import { type ReferenceParts, parseNamed } from './parse-named.ts';

/** `nginx` → docker.io, library/nginx, neither tag nor digest. Throws `InvalidReference`. */
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

/** Does `image` name a registry? A name without a slash never does, so `localhost:5000` is a repository with a tag. */
export function namesRegistry(image: string): boolean {
  return isDomain(image.slice(0, Math.max(image.indexOf('/'), 0)));
}

/** `splitDockerDomain`. */
export function splitDomain(image: string): readonly [domain: string, remainder: string] {
  const slash = image.indexOf('/');
  const [domain, remainder] = namesRegistry(image)
    ? [image.slice(0, slash), image.slice(slash + 1)]
    : ['docker.io', image];
  // Docker Hub's old name is replaced; registry-1.docker.io, where its API is, is a registry like any other.
  if (domain !== 'docker.io' && domain !== 'index.docker.io') return [domain, remainder];
  return ['docker.io', remainder.includes('/') ? remainder : `library/${remainder}`];
}

/** A repository has no capitals, so they make a host, as dots and colons do. */
function isDomain(first: string): boolean {
  return first === 'localhost' || /[.:]/.test(first) || first !== first.toLowerCase();
}
