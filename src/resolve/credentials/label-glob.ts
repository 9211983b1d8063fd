/** One label of a host as Go's `filepath.Match` reads it, as far as a URL's host lets its characters through: `*` and classes such as `[a-c]`. */

/** Does the whole label match? */
export type LabelGlob = (label: string) => boolean;

type Token = '*' | ((character: string) => boolean);

const token = /(\*)|\[((?:[^\]-](?:-[^\]-])?)+)\]|([^*[])/suy;

// DNS has no longer ones. Without a bound, stars and a long label could keep everybody waiting.
const maxLabel = 63;

/** null: not a pattern, an unclosed or empty class. */
export function parseLabelGlob(pattern: string): LabelGlob | null {
  const tokens: Token[] = [];
  let at = 0;
  while (at < pattern.length) {
    token.lastIndex = at;
    const [whole, star, characters, literal] = token.exec(pattern) ?? [];
    if (whole === undefined) return null;
    at += whole.length;
    if (star !== undefined) tokens.push('*');
    else if (characters !== undefined) tokens.push(characterClass(characters));
    else tokens.push((character) => character === literal);
  }
  return (label) => label.length <= maxLabel && matches(tokens, Array.from(label));
}

function characterClass(text: string): (character: string) => boolean {
  const ranges = [...text.matchAll(/(.)(?:-(.))?/gsu)].map(([, low = '', high = low]) => ({ low, high }));
  return (character) => ranges.some(({ low, high }) => low <= character && character <= high);
}

/** Only the last star is ever gone back to: what an earlier one could take, the last one can take too. */
function matches(tokens: readonly Token[], characters: readonly string[]): boolean {
  let [next, at] = [0, 0];
  let star: { readonly next: number; at: number } | null = null;
  while (at < characters.length || next < tokens.length) {
    const wanted = tokens[next];
    const character = characters[at];
    if (wanted === '*') {
      star = { next: next + 1, at };
      next++;
    } else if (wanted !== undefined && character !== undefined && wanted(character)) {
      next++;
      at++;
    } else {
      if (star === null || star.at >= characters.length) return false;
      star.at++;
      [next, at] = [star.next, star.at];
    }
  }
  return true;
}
