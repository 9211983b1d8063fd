/**
 * Indenter for the continuation lines of quoted scalars and flow collections. YAML requires their
 * indentation, and the parser rejects a document without it, but go-yaml, which kubectl uses, accepts it.
 * Spaces there have no meaning, and the number of lines does not change.
 */
export function indentContinuations(text: string): string {
  return new Indenter(text).run();
}

class Indenter {
  readonly #text: string;
  #offset = 0;
  /** Column of the innermost key or dash. The content of a block scalar must be indented further. */
  #column = 0;
  #output = '';

  constructor(text: string) {
    this.#text = text;
  }

  run(): string {
    while (this.#offset < this.#text.length) this.#line();
    return this.#output;
  }

  /** Copies one line of block context, with all lines of a node that starts on it. */
  #line(): void {
    const start = this.#offset;
    for (;;) {
      this.#copy(/ */y);
      const column = this.#offset - this.#lineStart(start);
      if (this.#copy(/[-?:](?=[ \n])/y) !== '') this.#column = column;
      else if (this.#copy(/[&!*][^ \n]*/y) === '' && !this.#node(column)) break;
    }
    if (!this.#output.endsWith('\n') || this.#offset === start) this.#copy(/[^\n]*\n?/y);
  }

  /** Copies a scalar or a flow collection. Returns false at the end of the line's content. */
  #node(column: number): boolean {
    const first = this.#text[this.#offset];
    if (first === '|' || first === '>') {
      this.#blockScalar();
      return false;
    }
    if (first === '"' || first === "'") this.#copyIndented(quotedLength(this.#text, this.#offset), column);
    else if (first === '[' || first === '{') this.#copyIndented(flowLength(this.#text, this.#offset), column);
    else if (first === '#' || this.#copy(/(?:[^\n:#]|:(?![ \n])|(?<! )#)+/y) === '') return false;
    if (this.#copy(/ *:(?=[ \n])/y) === '') return false;
    this.#column = column;
    return true;
  }

  #blockScalar(): void {
    const header = this.#copy(/[^\n]*\n?/y);
    const rest = this.#text.slice(this.#offset);
    const indentation = /^(?: *\n)*( *)[^ \n]/.exec(rest)?.[1]?.length ?? 0;
    const explicit = /^.[-+]?([1-9])/.exec(header)?.[1];
    const content = explicit === undefined ? indentation : this.#column + Number(explicit);
    if (content > this.#column) this.#copy(new RegExp(`(?: {${content}}[^\\n]*\\n?| *\\n)*`, 'y'));
  }

  #copy(pattern: RegExp): string {
    pattern.lastIndex = this.#offset;
    const [found = ''] = pattern.exec(this.#text) ?? [];
    this.#offset += found.length;
    this.#output += found;
    return found;
  }

  #copyIndented(length: number, column: number): void {
    const node = this.#text.slice(this.#offset, this.#offset + length);
    this.#offset += length;
    this.#output += node.replaceAll('\n', `\n${' '.repeat(column + 1)}`);
  }

  #lineStart(from: number): number {
    return Math.max(from, this.#text.lastIndexOf('\n', this.#offset - 1) + 1);
  }
}

/**
 * Returns the length of the quoted scalar at `offset`, or of the rest of the text if the scalar has no end.
 */
function quotedLength(text: string, offset: number): number {
  const pattern = text[offset] === '"' ? /"(?:[^"\\]|\\[^])*"/y : /'(?:[^']|'')*'/y;
  pattern.lastIndex = offset;
  return pattern.exec(text)?.[0].length ?? text.length - offset;
}

function flowLength(text: string, offset: number): number {
  let depth = 0;
  for (let at = offset; at < text.length; at += 1) {
    const character = text[at];
    const isStart = /[\s[{,:]/.test(text[at - 1] ?? ' ');
    if ((character === '"' || character === "'") && isStart) at += quotedLength(text, at) - 1;
    else if (character === '#' && /\s/.test(text[at - 1] ?? ' ')) at = lineEnd(text, at);
    else if (character === '[' || character === '{') depth += 1;
    else if (character === ']' || character === '}') depth -= 1;
    if (depth === 0) return at + 1 - offset;
  }
  return text.length - offset;
}

function lineEnd(text: string, offset: number): number {
  const end = text.indexOf('\n', offset);
  return end === -1 ? text.length : end;
}
