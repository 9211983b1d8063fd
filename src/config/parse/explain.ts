/** Messages for the issues that zod finds. Each says what is wrong and what is allowed. */
import type { z } from 'zod';
import { quoted } from '../../util/schema-fields.ts';
import { type JsonSchema, schemaAt } from './json-schema.ts';
import type { Path } from './path.ts';
import { nearest } from '../../util/text/nearest.ts';

export interface Explanation {
  readonly path: Path;
  /** True if the key is wrong, false if its value is. */
  readonly isKey: boolean;
  readonly message: string;
}

type Issue = z.core.$ZodIssue;

const typeNames: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
  record: 'a mapping',
};

/** Returns one explanation, or one for each unknown key that the issue names. */
export function explain(issue: Issue, schema: JsonSchema): readonly Explanation[] {
  const { path } = issue;
  if (issue.code !== 'unrecognized_keys') {
    return [{ path, isKey: issue.code === 'invalid_key', message: message(issue, schemaAt(schema, path)) }];
  }
  const known = Object.keys(schemaAt(schema, path)?.properties ?? {});
  return issue.keys.map((name) => ({ path: [...path, name], isKey: true, message: unknownKey(name, known) }));
}

function unknownKey(name: string, known: readonly string[]): string {
  const near = nearest(name, known);
  return near === null
    ? `unknown key; known keys here: ${known.join(', ')}`
    : `unknown key; did you mean "${near}"?`;
}

function message(issue: Issue, schema: JsonSchema | null): string {
  if (issue.input === undefined && ['invalid_type', 'invalid_value', 'invalid_union'].includes(issue.code)) {
    return `required: ${expected(issue, schema)}`;
  }
  switch (issue.code) {
    case 'invalid_type':
      if (issue.input === null && issue.path.length === 0)
        return 'the file is empty; it requires apiVersion and kind';
      if (issue.input === null) return 'has no value; set one or remove the line';
      return `must be ${expected(issue, schema)}, not ${formatInput(issue.input)}`;
    case 'invalid_union':
      return `must be ${expected(issue, schema)}, not ${formatInput(issue.input)}`;
    case 'invalid_value':
      return `must be ${expected(issue, schema)}, not ${formatInput(issue.input)}${suggestion(issue)}`;
    case 'too_small':
      return `must ${formatBound(issue.origin, 'at least', Number(issue.minimum))}`;
    case 'too_big':
      return `must ${formatBound(issue.origin, 'at most', Number(issue.maximum))}`;
    case 'invalid_key':
      return `invalid key: ${issue.issues.map((each) => message(each, null)).join('; ')}`;
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

/** Describes the allowed values: "one of …" or "text such as …". */
function expected(issue: Issue, schema: JsonSchema | null): string {
  if (issue.code === 'invalid_value') {
    const values = issue.values.map((value) => JSON.stringify(value));
    return values.length > 1 ? `one of ${values.join(', ')}` : values.join('');
  }
  if (issue.code === 'invalid_union') {
    return issue.errors.map(([first]) => (first ? expected(first, null) : '')).join(' or ');
  }
  if (issue.code !== 'invalid_type') return issue.message;
  const example =
    typeof schema?.default === 'string' && schema.default !== '' ? ` such as "${schema.default}"` : '';
  return `${typeNames[issue.expected] ?? issue.expected}${example}`;
}

function suggestion(issue: Issue & { code: 'invalid_value' }): string {
  const near = typeof issue.input === 'string' ? nearest(issue.input, issue.values.map(String)) : null;
  return near === null ? '' : `; did you mean "${near}"?`;
}

function formatBound(origin: string, which: 'at least' | 'at most', limit: number): string {
  switch (origin) {
    case 'string':
      return which === 'at least' && limit === 1 ? 'not be empty' : `have ${which} ${limit} characters`;
    case 'array':
      return `have ${which} ${limit} ${limit === 1 ? 'entry' : 'entries'}`;
    default:
      return `be ${which} ${limit}`;
  }
}

function formatInput(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'string') return quoted(value);
  return value !== null && typeof value === 'object' ? 'a mapping' : String(value);
}
