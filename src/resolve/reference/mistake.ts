/** The likely mistake in a text that the reference grammar refuses; words for a person, nothing decides by them. */

const mistakes: readonly (readonly [pattern: RegExp, advice: string])[] = [
  [/[<>{}$]/, 'it contains a placeholder that nothing has filled in'],
  [/\s/, 'it contains white space; remove it'],
  [
    /^[a-z][a-z0-9+.-]*:\/\//i,
    'leave the scheme (such as https:// or docker://) away and begin with the host or the name',
  ],
  [/:$|:@/, 'a colon must be followed by a tag'],
  [/@(?!sha256:[0-9a-f]{64}$)/, 'after @ there must be one digest, sha256: and 64 hexadecimal digits'],
  [/^\/|\/\/|\/$/, 'there is an empty part before, between or after slashes'],
];
const general =
  'write [host[:port]/]repository[:tag][@sha256:…] with a lower-case repository and a tag of at most 128 letters, digits, _ . -';

/** Advice in one clause. */
export function hintFor(image: string): string {
  return mistakes.find(([pattern]) => pattern.test(image))?.[1] ?? general;
}
