/** Text → its parts by the grammar alone, without Docker Hub's defaults: distribution/reference `Parse`. */
import { type Digest, parseDigest } from './digest.ts';
import { InvalidReference, uppercase } from './error.ts';
import { grammar } from './grammar.ts';
import { hintFor } from './mistake.ts';
import { parseName } from './name.ts';
import type { Reference } from './reference.ts';

/** A reference before `latest` is filled in: tag and digest may both be null. */
export type ReferenceParts = Reference;

/** The domain is empty where the text has none. Errors show `image`, what a person wrote. Throws `InvalidReference`. */
export function parseStrict(text: string, image = text): ReferenceParts {
  const match = grammar.reference.exec(text);
  if (!match) {
    if (grammar.reference.test(text.toLowerCase())) throw uppercase(image);
    throw new InvalidReference('Format', image, hintFor(image));
  }
  const [, name = '', tag = null, digest = null] = match;
  return { ...parseName(name, image), tag, digest: digest === null ? null : checked(digest, image) };
}

/** The grammar lets more through than go-digest. */
function checked(digest: string, image: string): Digest {
  try {
    return parseDigest(digest);
  } catch (cause) {
    throw new InvalidReference('Digest', image, cause instanceof Error ? cause.message : String(cause), {
      cause,
    });
  }
}
