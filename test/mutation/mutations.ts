/** Places in a source file at which a small change makes the program wrong, found in the syntax tree. */
import { Buffer } from 'node:buffer';
import { parseSync } from '@swc/core';

/** Replace the bytes `start` to `end` of the file by `replacement`. */
export interface Mutation {
  readonly file: string;
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
  /** 1-based. */
  readonly line: number;
  /** What was there, one line. */
  readonly original: string;
}

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
}

interface Node {
  readonly type: string;
  readonly span: { readonly start: number; readonly end: number };
  readonly [member: string]: unknown;
}

// swc leaves leading comments out of the module's span; a first token of our own marks where the file begins.
const marker = '0;';

/** Every mutation of `text`, in the order of the file. Texts, types, imports and schemas' descriptions are left alone. */
export function findMutations(file: string, text: string): readonly Mutation[] {
  const bytes = Buffer.from(text);
  const module = parseSync(marker + text, { syntax: 'typescript', target: 'es2024' });
  const base = module.span.start + marker.length;
  const edits: Edit[] = [];
  walk(module, (node) => edits.push(...editsOf(shifted(node, base), bytes, base)));
  return edits
    .filter(({ start, end }) => start >= 0 && end > start)
    .sort((a, b) => a.start - b.start)
    .map((edit) => describeEdit(file, bytes, edit));
}

/** The text with one mutation made. */
export function applyMutation(text: string, { start, end, replacement }: Mutation): string {
  const bytes = Buffer.from(text);
  return Buffer.concat([bytes.subarray(0, start), Buffer.from(replacement), bytes.subarray(end)]).toString();
}

const operators: Readonly<Record<string, string>> = {
  '<': '<=',
  '<=': '<',
  '>': '>=',
  '>=': '>',
  '===': '!==',
  '!==': '===',
  '&&': '||',
  '||': '&&',
  '+': '-',
  '-': '+',
  '*': '/',
};

function editsOf(node: Node, bytes: Buffer, base: number): readonly Edit[] {
  switch (node.type) {
    case 'BinaryExpression':
      return operatorEdit(node, bytes, base);
    case 'IfStatement':
    case 'ConditionalExpression':
      return negated(child(node, 'test', base), bytes);
    case 'UnaryExpression':
      return node['operator'] === '!'
        ? [{ ...spanOf(node), replacement: sourceOf(bytes, node).slice(1) }]
        : [];
    case 'NumericLiteral':
      return [{ ...spanOf(node), replacement: String(Number(node['value']) + 1) }];
    case 'BooleanLiteral':
      return [{ ...spanOf(node), replacement: String(node['value'] !== true) }];
    case 'ExpressionStatement':
      return removedCall(node, base);
    default:
      return [];
  }
}

/** Only operators whose operands are not strings by their look: text is reviewed by eye. */
function operatorEdit(node: Node, bytes: Buffer, base: number): readonly Edit[] {
  const operator = String(node['operator']);
  const replacement = operators[operator];
  const left = child(node, 'left', base);
  const right = child(node, 'right', base);
  if (
    replacement === undefined ||
    [left, right].some(({ type }) => /String|Template/.test(type) && operator === '+')
  )
    return [];
  const start = bytes.indexOf(operator, left.span.end);
  return start < 0 || start >= right.span.start ? [] : [{ start, end: start + operator.length, replacement }];
}

function negated(test: Node, bytes: Buffer): readonly Edit[] {
  return [{ ...spanOf(test), replacement: `!(${sourceOf(bytes, test)})` }];
}

/** A call made for its effect; `super(…)` and markers apart. */
function removedCall(node: Node, base: number): readonly Edit[] {
  const expression = child(node, 'expression', base);
  const inner = expression.type === 'AwaitExpression' ? child(expression, 'argument', 0) : expression;
  const callee = inner.type === 'CallExpression' ? (inner['callee'] as Node) : null;
  return callee === null || callee.type === 'Super' ? [] : [{ ...spanOf(node), replacement: ';' }];
}

const skipped = new Set([
  'ImportDeclaration',
  'TsInterfaceDeclaration',
  'TsTypeAliasDeclaration',
  'TsTypeAnnotation',
  'TsTypeParameterInstantiation',
  'TsAsExpression',
  'ThrowStatement',
]);

function walk(value: unknown, visit: (node: Node) => void): void {
  if (Array.isArray(value)) for (const each of value) walk(each, visit);
  else if (isNode(value)) {
    if (skipped.has(value.type)) return;
    visit(value);
    for (const each of Object.values(value)) walk(each, visit);
  } else if (typeof value === 'object' && value !== null) {
    for (const each of Object.values(value)) walk(each, visit);
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && 'span' in value;
}

function child(node: Node, member: string, base: number): Node {
  return shifted(node[member] as Node, base);
}

function shifted(node: Node, base: number): Node {
  return { ...node, span: { start: node.span.start - base, end: node.span.end - base } };
}

function spanOf({ span }: Node): { readonly start: number; readonly end: number } {
  return { start: span.start, end: span.end };
}

function sourceOf(bytes: Buffer, { span }: Node): string {
  return bytes.subarray(span.start, span.end).toString();
}

function describeEdit(file: string, bytes: Buffer, edit: Edit): Mutation {
  const line = bytes.subarray(0, edit.start).toString().split('\n').length;
  const original = bytes.subarray(edit.start, edit.end).toString().replaceAll(/\s+/g, ' ');
  return { file, line, original, ...edit };
}
