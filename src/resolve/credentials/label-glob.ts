/** Glob on one host label with the semantics of Go's `filepath.Match`, limited to what a URL's host can contain: `*` and classes such as `[a-c]`. */

/** Returns true if the whole label matches. */
export type LabelGlob = (label: string) => boolean;

type Token = '*' | ((character: string) => boolean);

const token = /(\*)|\[((?:[^\]-](?:-[^\]-])?)+)\]|([^*[])/suy;

// 63: the maximum length of a DNS label. The limit also bounds the work of a pattern with many stars.
const maxLabel = 63;

/** Returns null for an invalid pattern (an unclosed or empty class). */
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

/** Matches the tokens. It backtracks only to the last star, because that can match everything that an earlier star could. */
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
