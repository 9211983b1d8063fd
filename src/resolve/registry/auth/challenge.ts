/** `WWW-Authenticate`: challenges read as containerd reads them, and several on one line as regclient does (RFC 7235 §4.1). */

export interface Challenge {
  /** In lower case: `bearer`, `basic`, `digest` or what else the server named. */
  readonly scheme: string;
  /** Names in lower case; of a repeated one the last counts. */
  readonly params: ReadonlyMap<string, string>;
}

// containerd's order of preference.
const preference = ['bearer', 'digest', 'basic'];
const token = /[!#$%&'*+\-.^_`|~0-9A-Za-z]+/y;
const spaces = /[ \t]*/y;
// A scheme such as Negotiate carries one blob instead of parameters (RFC 7235 §2.1).
const token68 = /[A-Za-z0-9\-._~+/]+=*[ \t]*(?=,|$)/y;

/** All challenges in the order offered. What follows a syntax error in a line is ignored. */
export function parseChallenges(lines: readonly string[]): Challenge[] {
  return lines.flatMap((line) => [...parseLine(new Scanner(line))]);
}

/** Those of a known scheme, Bearer before Basic whatever the server's order. */
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

/** The rest of a quoted string; an unclosed one is empty, as in containerd. */
function quoted(line: Scanner): string {
  let text = '';
  for (let char = line.next(); char !== ''; char = line.next()) {
    if (char === '"') return text;
    text += char === '\\' ? line.next() : char;
  }
  return '';
}

/** A position in a text. */
class Scanner {
  readonly #text: string;
  #position = 0;
  constructor(text: string) {
    this.#text = text;
  }
  /** What the sticky pattern matches here, '' when it does not. */
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
  /** The next UTF-16 unit, '' at the end. */
  next(): string {
    return this.#text[this.#position++] ?? '';
  }
}
