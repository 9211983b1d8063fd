/** Parser for `WWW-Authenticate` with containerd's semantics, plus several challenges on one line as regclient reads them (RFC 7235 §4.1). */

export interface Challenge {
  /** Scheme in lower case: `bearer`, `basic`, `digest` or any other that the server named. */
  readonly scheme: string;
  /** Parameters by name in lower case. If a name is repeated, the last value counts. */
  readonly params: ReadonlyMap<string, string>;
}

// containerd prefers schemes in this order.
const preference = ['bearer', 'digest', 'basic'];
const token = /[!#$%&'*+\-.^_`|~0-9A-Za-z]+/y;
const spaces = /[ \t]*/y;
// A scheme such as Negotiate carries one blob instead of parameters (RFC 7235 §2.1).
const token68 = /[A-Za-z0-9\-._~+/]+=*[ \t]*(?=,|$)/y;

/** Returns all challenges in the order offered. Ignores the rest of a line after a syntax error. */
export function parseChallenges(lines: readonly string[]): Challenge[] {
  return lines.flatMap((line) => [...parseLine(new Scanner(line))]);
}

/** Returns the challenges of a known scheme, with Bearer before Basic whatever the server's order. */
export function byPreference(challenges: readonly Challenge[]): Challenge[] {
  return challenges
    .filter(({ scheme }) => preference.includes(scheme))
    .sort((one, other) => preference.indexOf(one.scheme) - preference.indexOf(other.scheme));
}

function* parseLine(line: Scanner): Generator<Challenge> {
  let scheme = line.take(token);
  while (scheme !== '') {
    line.take(spaces);
    const params = new Map<string, string>();
    const challenge = { scheme: scheme.toLowerCase(), params };
    if (!preference.includes(challenge.scheme)) line.take(token68);
    scheme = parseParams(line, params);
    yield challenge;
  }
}

/** Reads `name=value, …` into `params`; returns the scheme of the next challenge, '' at the end or at a syntax error. */
function parseParams(line: Scanner, params: Map<string, string>): string {
  for (let first = true; first || line.skip(','); first = false) {
    line.take(spaces);
    if (first && line.at(',')) continue;
    const name = line.take(token);
    if (name === '') return '';
    if (!line.skip('=')) return name;
    params.set(name.toLowerCase(), line.skip('"') ? quoted(line) : line.take(token));
    line.take(spaces);
  }
  return '';
}

/** Returns the rest of a quoted string; '' if it is not closed, as in containerd. */
function quoted(line: Scanner): string {
  let text = '';
  for (let char = line.next(); char !== ''; char = line.next()) {
    if (char === '"') return text;
    text += char === '\\' ? line.next() : char;
  }
  return '';
}

/** Cursor over a text. */
class Scanner {
  readonly #text: string;
  #position = 0;
  constructor(text: string) {
    this.#text = text;
  }
  /** Consumes and returns the text that the sticky pattern matches at the cursor; '' if it does not match. */
  take(pattern: RegExp): string {
    pattern.lastIndex = this.#position;
    const found = pattern.exec(this.#text)?.[0] ?? '';
    this.#position += found.length;
    return found;
  }
  at(char: string): boolean {
    return this.#text[this.#position] === char;
  }
  skip(char: string): boolean {
    if (!this.at(char)) return false;
    this.#position++;
    return true;
  }
  /** Consumes and returns the next UTF-16 unit; '' at the end. */
  next(): string {
    return this.#text[this.#position++] ?? '';
  }
}
