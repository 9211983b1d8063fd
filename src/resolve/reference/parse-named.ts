/** Parser of the grammar alone, without Docker Hub's defaults (distribution/reference `Parse`). */
import { type Digest, parseDigest } from './digest.ts';
import { hintFor, InvalidReference, uppercase } from './error.ts';
import { grammar } from './grammar.ts';
import type { Reference } from './reference.ts';

/** A reference without the default tag `latest`: tag and digest may both be null. */
export type ReferenceParts = Reference;

const maxPath = 255;

export interface RepositoryName {
  /** Domain; empty if the text has none. */
  readonly domain: string;
  readonly path: string;
}

/** Parses `text`. Errors show `image`, the text that the user wrote. Throws `InvalidReference`. */
export function parseNamed(text: string, image = text): ReferenceParts {
  const match = grammar.reference.exec(text);
  if (!match) {
    if (grammar.reference.test(text.toLowerCase())) throw uppercase(image);
    throw new InvalidReference('Format', image, hintFor(image));
  }
  const [, name = '', tag = null, digest = null] = match;
  return {
    ...parseRepository(name, image),
    tag,
    digest: digest === null ? null : checkDigest(digest, image),
  };
}

/** Validates the digest, because the grammar accepts more than go-digest. */
function checkDigest(digest: string, image: string): Digest {
  try {
    return parseDigest(digest);
  } catch (cause) {
    throw new InvalidReference('Digest', image, cause instanceof Error ? cause.message : String(cause), {
      cause,
    });
  }
}

/**
 * Splits a repository's full name into domain and path (distribution/reference `WithName`). `name` is a part of `image`.
 * Throws `InvalidReference`.
 */
export function parseRepository(name: string, image = name): RepositoryName {
  const match = grammar.name.exec(name);
  if (!match) throw new InvalidReference('Format', image, hintFor(image));
  const [, domain = '', path = ''] = match;
  // The limit does not include the domain.
  if (path.length > maxPath) {
    const problem = `the repository has ${path.length} characters; at most ${maxPath} are allowed`;
    throw new InvalidReference('TooLong', image, problem);
  }
  return { domain, path };
}
