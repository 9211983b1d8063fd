/** The parsers of distribution/reference (reference.go, normalize.go). What Pratique refuses beyond them stands in `parse.ts`. */
import { type Digest, parseDigest } from './digest.ts';
import { InvalidReference } from './error.ts';
import { grammar } from './grammar.ts';
import { mistakeIn } from './mistake.ts';
import type { Reference } from './reference.ts';

/** A reference before `latest` is filled in: tag and digest may both be null. */
export type Parts = Reference;

const maxPath = 255;

/** `ParseNormalizedNamed`: Docker Hub's defaults added, nothing else. Throws `InvalidReference`. */
export function parseNormalised(image: string): Parts {
  if (grammar.identifier.test(image)) {
    const problem = '64 hexadecimal digits are an image ID, not a name; write name:tag or name@sha256:…';
    throw new InvalidReference('Identifier', image, problem);
  }
  const [domain, remainder] = splitDomain(image);
  const colon = remainder.indexOf(':');
  const repository = colon < 0 ? remainder : remainder.slice(0, colon);
  if (repository !== repository.toLowerCase()) throw uppercase(image);
  return parse(`${domain}/${remainder}`, image);
}

/** `Parse`: the grammar alone; the domain is empty where there is none. Errors show `image`. Throws `InvalidReference`. */
export function parse(text: string, image = text): Parts {
  if (text === '')
    throw new InvalidReference('Empty', image, 'the name is empty; write a name such as nginx:1.27');
  const match = grammar.reference.exec(text);
  if (!match) {
    if (grammar.reference.test(text.toLowerCase())) throw uppercase(image);
    throw new InvalidReference('Format', image, mistakeIn(image));
  }
  const [, name = '', tag = null, digest = null] = match;
  return { ...parseName(name, image), tag, digest: digest === null ? null : checkedDigest(digest, image) };
}

/** `WithName`: domain and path without tag or digest. Throws `InvalidReference`. */
export function parseName(name: string, image = name): Parts {
  const match = grammar.name.exec(name);
  if (!match) throw new InvalidReference('Format', image, mistakeIn(image));
  const [, domain = '', path = ''] = match;
  if (path.length > maxPath) {
    const problem = `the repository has ${path.length} characters; at most ${maxPath} are allowed`;
    throw new InvalidReference('TooLong', image, problem);
  }
  return { domain, path, tag: null, digest: null };
}

/** `splitDockerDomain`. A lone name is never a domain, so `localhost:5000` is a repository with a tag. */
function splitDomain(image: string): readonly [domain: string, remainder: string] {
  const slash = image.indexOf('/');
  const first = image.slice(0, Math.max(slash, 0));
  const [domain, remainder] = isDomain(first) ? [first, image.slice(slash + 1)] : ['docker.io', image];
  // Docker Hub's old name is folded; registry-1.docker.io, where it really lives, is a registry like any other.
  if (domain !== 'docker.io' && domain !== 'index.docker.io') return [domain, remainder];
  return ['docker.io', remainder.includes('/') ? remainder : `library/${remainder}`];
}

/** Upper case cannot be in a repository, so it marks a host. */
function isDomain(first: string): boolean {
  return first === 'localhost' || /[.:]/.test(first) || first !== first.toLowerCase();
}

function checkedDigest(digest: string, image: string): Digest {
  try {
    return parseDigest(digest);
  } catch (cause) {
    throw new InvalidReference('Digest', image, cause instanceof Error ? cause.message : String(cause), {
      cause,
    });
  }
}

function uppercase(image: string): InvalidReference {
  return new InvalidReference(
    'Uppercase',
    image,
    'the repository must be lower case; only host and tag may have capitals',
  );
}
