/** Error of reference parsing, with a hint at the likely mistake. Callers compare `code`, never the text. */
import { clean } from '../../util/text/text.ts';

/**
 * `Empty`; `Format`: the text does not match the grammar; `Uppercase`: the text is valid in lower case; `TooLong`; `Digest`:
 * the part after `@` is invalid (`cause` is an `InvalidDigest`); `ImageId`: 64 hexadecimal digits, bare or after `sha256:`,
 * which name an image on a node but none in a registry; `Reserved`: `scratch`.
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
  /** Text of the message without the image. */
  readonly problem: string;
  /** `image` is the text as given; the constructor sanitizes it. */
  constructor(code: InvalidReferenceCode, image: string, problem: string, options?: ErrorOptions) {
    super(`invalid image reference "${clean(image)}": ${problem}`, options);
    this.code = code;
    this.problem = problem;
  }
}

/** Returns the error for an image that is valid in lower case. */
export function uppercase(image: string): InvalidReference {
  const problem = 'the repository must be lower case; only host and tag may have capitals';
  return new InvalidReference('Uppercase', image, problem);
}

const mistakes: readonly (readonly [pattern: RegExp, advice: string])[] = [
  [/[<>{}$]/, 'it contains a placeholder that was not filled in'],
  [/\s/, 'it contains white space; remove it'],
  [
    /^[a-z][a-z0-9+.-]*:\/\//i,
    'remove the scheme, such as https:// or docker://, and begin with the host or the name',
  ],
  [/:$|:@/, 'a colon must be followed by a tag'],
  [/@(?!sha256:[0-9a-f]{64}$)/, 'after @ there must be one digest, sha256: and 64 hexadecimal digits'],
  [/^\/|\/\/|\/$/, 'there is an empty part before, between or after slashes'],
];
const general =
  'write [host[:port]/]repository[:tag][@sha256:…] with a lower-case repository and a tag of at most 128 letters, digits, _ . -';

/** Returns advice in one clause about a text that does not match the grammar. */
export function hintFor(image: string): string {
  return mistakes.find(([pattern]) => pattern.test(image))?.[1] ?? general;
}
