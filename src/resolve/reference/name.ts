/** A repository's full name → domain and path: distribution/reference `WithName`. */
import { InvalidReference } from './error.ts';
import { grammar } from './grammar.ts';
import { hintFor } from './mistake.ts';

const maxPath = 255;

export interface Name {
  /** Empty where the grammar finds none. */
  readonly domain: string;
  readonly path: string;
}

/** Errors show `image`, the whole of which `name` is a part. Throws `InvalidReference`. */
export function parseName(name: string, image = name): Name {
  const match = grammar.name.exec(name);
  if (!match) throw new InvalidReference('Format', image, hintFor(image));
  const [, domain = '', path = ''] = match;
  // The domain is not counted.
  if (path.length > maxPath) {
    const problem = `the repository has ${path.length} characters; at most ${maxPath} are allowed`;
    throw new InvalidReference('TooLong', image, problem);
  }
  return { domain, path };
}
