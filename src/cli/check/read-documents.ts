/**
 * Reader that splits a text into YAML and JSON documents and reads each as kubectl does. An unreadable
 * document does not hide the others.
 */
import { LineCounter, type Document, parseAllDocuments } from 'yaml';
import { clean } from '../../util/text/text.ts';
import { indentContinuations } from './indent-continuations.ts';
import { ManifestValueError, offsetOf, YamlValue } from './yaml-value.ts';

export type DocumentPath = readonly (string | number)[];

export interface SourceDocument {
  /** Line of the document's first token, counted from 1. */
  readonly line: number;
  readonly value: unknown;
  /** Returns the line of the value at `path`, or of its nearest existing parent. */
  lineAt(path: DocumentPath): number;
}

/** Note about a document at a line. */
export interface DocumentNote {
  readonly line: number;
  readonly message: string;
}

export interface Documents {
  readonly documents: readonly SourceDocument[];
  /** Notes about documents that could not be read. */
  readonly problems: readonly DocumentNote[];
  readonly warnings: readonly DocumentNote[];
}

interface Chunk {
  readonly text: string;
  /** Number of lines before the chunk. */
  readonly linesBefore: number;
}

interface JsonChunk extends Chunk {
  readonly value: unknown;
}

/** Collector of the documents in the chunks of one text. */
class Reader {
  readonly documents: SourceDocument[] = [];
  readonly problems: DocumentNote[] = [];
  readonly warnings: DocumentNote[] = [];

  /** Takes the value from `JSON.parse`; the YAML parser only provides the lines. */
  readJson({ text, linesBefore, value }: JsonChunk): void {
    const lines = new LineCounter();
    const [document] = parseYaml(text, lines);
    const yaml = document && document.errors.length === 0 ? new YamlValue(document) : null;
    const lineOf = (offset: number): number => linesBefore + Math.max(1, lines.linePos(offset).line);
    const lineAt = (path: DocumentPath): number =>
      yaml ? lineOf(offsetOf(yaml.nodeAt(path))) : linesBefore + 1;
    this.documents.push({ line: linesBefore + 1, value, lineAt });
  }

  readYaml({ text, linesBefore }: Chunk): void {
    const lines = new LineCounter();
    const lineOf = (offset: number): number => linesBefore + Math.max(1, lines.linePos(offset).line);
    const [document, ...others] = parseYaml(text, lines);
    if (!document) return;
    const [error] = document.errors;
    if (error) {
      this.problems.push({
        line: lineOf(error.pos[0]),
        message: `not valid YAML: ${clean(error.message, 300)}`,
      });
      if (!isBehindDocument(error.message)) return;
    }
    const [ignored] = others;
    if (ignored) {
      const message =
        'kubectl ignores what follows the document end marker "..."; start the next document with "---"';
      this.warnings.push({ line: lineOf(ignored.range[0]), message });
    }
    this.#readValue(document, lineOf);
  }

  #readValue(document: Document, lineOf: (offset: number) => number): void {
    try {
      const yaml = new YamlValue(document);
      const value = yaml.read();
      for (const { key, offset } of yaml.duplicates) {
        const message = `duplicate key "${clean(key, 60)}"; the last one is used`;
        this.warnings.push({ line: lineOf(offset), message });
      }
      if (value === null) return;
      this.documents.push({
        line: lineOf(offsetOf(document.contents)),
        value,
        lineAt: (path) => lineOf(offsetOf(yaml.nodeAt(path))),
      });
    } catch (error) {
      if (!(error instanceof ManifestValueError || error instanceof RangeError)) throw error;
      const offset = error instanceof ManifestValueError ? error.offset : 0;
      const message = error instanceof ManifestValueError ? error.message : 'nested too deeply';
      this.problems.push({ line: lineOf(offset), message });
    }
  }
}

/** Reads all documents in `text`, which must not start with a byte order mark. */
export function readDocuments(text: string): Documents {
  const reader = new Reader();
  const { chunks, rest, problem } = splitJson(text.replaceAll('\r\n', '\n'));
  for (const chunk of chunks) reader.readJson(chunk);
  if (problem) reader.problems.push(problem);
  for (const chunk of splitYaml(rest, reader.problems)) reader.readYaml(chunk);
  return reader;
}

const options = {
  schema: 'failsafe',
  version: '1.1',
  strict: false,
  uniqueKeys: false,
  prettyErrors: false,
  logLevel: 'silent',
} as const;

/**
 * Parses the documents of a chunk. If they have errors, it indents the continuation lines and parses the
 * chunk again.
 */
function parseYaml(text: string, lines: LineCounter): readonly Document.Parsed[] {
  const documents = parseDocuments(text, lines);
  if (documents.every(({ errors }) => errors.length === 0)) return documents;
  const lenientLines = new LineCounter();
  const lenient = parseDocuments(indentContinuations(text), lenientLines);
  if (lenient.some(({ errors }) => errors.length > 0)) return documents;
  lines.lineStarts = lenientLines.lineStarts;
  return lenient;
}

function parseDocuments(text: string, lineCounter: LineCounter): readonly Document.Parsed[] {
  const parsed = parseAllDocuments(text, { ...options, lineCounter });
  return Array.isArray(parsed) ? parsed : [];
}

/**
 * Returns true if the error is behind the end of the document. kubectl reads such a document and ignores the
 * rest.
 */
function isBehindDocument(message: string): boolean {
  return /^Unexpected .* (?:at node end|in YAML stream)/.test(message);
}

interface JsonStream {
  readonly chunks: readonly JsonChunk[];
  /** The text after the JSON values, which is read as YAML. */
  readonly rest: Chunk;
  readonly problem: DocumentNote | null;
}

/**
 * Splits off the JSON values at the start of a text, which may follow each other without a separator. After
 * more than one value the whole text must be JSON; otherwise the rest is YAML. apimachinery's
 * YAMLOrJSONDecoder decides in the same way.
 */
function splitJson(text: string): JsonStream {
  const chunks: JsonChunk[] = [];
  let [offset, linesBefore] = [0, 0];
  const restFrom = (from: number): Chunk => ({ text: text.slice(from), linesBefore });
  for (;;) {
    const start = offset + (/^\s*/.exec(text.slice(offset))?.[0].length ?? 0);
    if (text[start] !== '{') {
      const isJson = chunks.length > 1 && start < text.length;
      linesBefore += countLines(text.slice(offset, isJson ? start : offset));
      const problem = isJson
        ? { line: linesBefore + 1, message: 'not valid JSON after JSON documents' }
        : null;
      return { chunks, rest: problem ? { text: '', linesBefore } : restFrom(offset), problem };
    }
    const end = jsonEnd(text, start);
    const json = end === null ? null : parseJson(text.slice(start, end));
    if (end === null || json === null) return { chunks, rest: restFrom(offset), problem: null };
    linesBefore += countLines(text.slice(offset, start));
    chunks.push({ text: text.slice(start, end), linesBefore, value: json.value });
    linesBefore += countLines(text.slice(start, end));
    offset = end;
  }
}

/** Parses JSON; null if the text is not JSON. */
function parseJson(text: string): { readonly value: unknown } | null {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return null;
  }
}

/** Returns the offset after the object that starts at `start`; null if the object has no end. */
function jsonEnd(text: string, start: number): number | null {
  const token = /"(?:[^"\\]|\\[^])*"|[{}[\]]/g;
  token.lastIndex = start;
  let depth = 0;
  for (let match = token.exec(text); match; match = token.exec(text)) {
    if (match[0] === '{' || match[0] === '[') depth += 1;
    else if (match[0] === '}' || match[0] === ']') depth -= 1;
    if (depth === 0) return token.lastIndex;
  }
  return null;
}

/** Splits documents at lines of `---`, which only a comment may follow, as apimachinery's YAMLReader does. */
function splitYaml({ text, linesBefore }: Chunk, problems: DocumentNote[]): readonly Chunk[] {
  const chunks: Chunk[] = [];
  const lines = text.split('\n');
  let first = 0;
  const push = (end: number) => {
    if (end > first)
      chunks.push({ text: `${lines.slice(first, end).join('\n')}\n`, linesBefore: linesBefore + first });
  };
  for (const [index, line] of lines.entries()) {
    if (!line.startsWith('---')) continue;
    if (!/^---\s*(?:#.*)?$/.test(line)) {
      const message = `invalid document separator "${clean(line, 60)}"; nothing but a comment may follow "---"`;
      problems.push({ line: linesBefore + index + 1, message });
    }
    // Directives belong to the document that follows them.
    if (lines.slice(first, index).every((each) => /^\s*(?:[%#].*)?$/.test(each))) continue;
    push(index);
    first = index;
  }
  push(lines.at(-1) === '' ? lines.length - 1 : lines.length);
  return chunks;
}

function countLines(text: string): number {
  return text.split('\n').length - 1;
}
