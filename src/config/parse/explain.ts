/** What zod found, in words for whoever wrote the file: what is wrong, what is allowed. */
import type { z } from 'zod';
import { quoted } from '../../util/schema-fields.ts';
import { type JsonSchema, schemaAt } from './json-schema.ts';
import type { Path } from './path.ts';
import { nearest } from './suggest.ts';

export interface Explanation {
  readonly path: Path;
  /** The key is at fault, not its value. */
  readonly key: boolean;
  readonly message: string;
}

type Issue = z.core.$ZodIssue;

const words: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
  record: 'a mapping',
};

/** One issue may name several unknown keys: one explanation for each. */
export function explain(issue: Issue, schema: JsonSchema): readonly Explanation[] {
  const { path } = issue;
  if (issue.code !== 'unrecognized_keys') {
    return [{ path, key: issue.code === 'invalid_key', message: message(issue, schemaAt(schema, path)) }];
  }
  const known = Object.keys(schemaAt(schema, path)?.properties ?? {});
  return issue.keys.map((name) => ({ path: [...path, name], key: true, message: unknownKey(name, known) }));
}

function unknownKey(name: string, known: readonly string[]): string {
  const near = nearest(name, known);
  return near === null
    ? `unknown key; known here: ${known.join(', ')}`
    : `unknown key; did you mean "${near}"?`;
}

function message(issue: Issue, schema: JsonSchema | null): string {
  if (issue.input === undefined && ['invalid_type', 'invalid_value', 'invalid_union'].includes(issue.code)) {
    return `required: ${wanted(issue, schema)}`;
  }
  switch (issue.code) {
    case 'invalid_type':
      if (issue.input === null && issue.path.length === 0)
        return 'the file is empty; it needs apiVersion and kind';
      if (issue.input === null) return 'has no value; give it one or remove the line';
      return `must be ${wanted(issue, schema)}, not ${shown(issue.input)}`;
    case 'invalid_union':
      return `must be ${wanted(issue, schema)}, not ${shown(issue.input)}`;
    case 'invalid_value':
      return `must be ${wanted(issue, schema)}, not ${shown(issue.input)}${hint(issue)}`;
    case 'too_small':
      return `must ${bound(issue.origin, 'at least', Number(issue.minimum))}`;
    case 'too_big':
      return `must ${bound(issue.origin, 'at most', Number(issue.maximum))}`;
    case 'invalid_key':
      return `not allowed as a key here: ${issue.issues.map((each) => message(each, null)).join('; ')}`;
    case 'custom':
    case 'invalid_element':
    case 'invalid_format':
    case 'not_multiple_of':
    case 'unrecognized_keys':
      return issue.message;
    default:
      return issue satisfies never;
  }
}

/** What may stand here: "one of …", "text such as …". */
function wanted(issue: Issue, schema: JsonSchema | null): string {
  if (issue.code === 'invalid_value') {
    const values = issue.values.map((value) => JSON.stringify(value));
    return values.length > 1 ? `one of ${values.join(', ')}` : values.join('');
  }
  if (issue.code === 'invalid_union') {
    return issue.errors.map(([first]) => (first ? wanted(first, null) : '')).join(' or ');
  }
  if (issue.code !== 'invalid_type') return issue.message;
  const example =
    typeof schema?.default === 'string' && schema.default !== '' ? ` such as "${schema.default}"` : '';
  return `${words[issue.expected] ?? issue.expected}${example}`;
}

function hint(issue: Issue & { code: 'invalid_value' }): string {
  const near = typeof issue.input === 'string' ? nearest(issue.input, issue.values.map(String)) : null;
  return near === null ? '' : `; did you mean "${near}"?`;
}

function bound(origin: string, which: 'at least' | 'at most', limit: number): string {
  switch (origin) {
    case 'string':
      return which === 'at least' && limit === 1 ? 'not be empty' : `have ${which} ${limit} characters`;
    case 'array':
      return `have ${which} ${limit} ${limit === 1 ? 'entry' : 'entries'}`;
    default:
      return `be ${which} ${limit}`;
  }
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'string') return quoted(value);
  return value !== null && typeof value === 'object' ? 'a mapping' : String(value);
}
