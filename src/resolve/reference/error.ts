/** The one error of reference parsing. Match on `code`, never on the text. */
import { clean } from '../../util/text/text.ts';

/**
 * `Empty`; `Format`: not of the grammar; `Uppercase`: would be valid in lower case; `TooLong`; `Digest`: the part after
 * `@` (`cause` is an `InvalidDigest`); `ImageId`: 64 hexadecimal digits, bare or after `sha256:`, which
 * name an image on a node and nothing in a registry; `Reserved`: `scratch`.
 */
export type InvalidReferenceCode =
  | 'Empty'
  | 'Format'
  | 'Uppercase'
  | 'TooLong'
  | 'Digest'
  | 'ImageId'
  | 'Reserved';

export class InvalidReference extends Error {
  override readonly name = 'InvalidReference';
  readonly code: InvalidReferenceCode;
  /** The message without the image. */
  readonly problem: string;
  /** `image` is the text as given; it is cleaned here. */
  constructor(code: InvalidReferenceCode, image: string, problem: string, options?: ErrorOptions) {
    super(`invalid image reference "${clean(image)}": ${problem}`, options);
    this.code = code;
    this.problem = problem;
  }
}

/** Would be valid in lower case. */
export function uppercase(image: string): InvalidReference {
  const problem = 'the repository must be lower case; only host and tag may have capitals';
  return new InvalidReference('Uppercase', image, problem);
}
