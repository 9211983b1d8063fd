/** Texts for people in TypeScript sources: strings and templates of at least two words, with placeholders for expressions. */
import { parseSync } from '@swc/core';

/** Functions that change how a value is shown and not what it is. */
const wrappers = new Set([
  'clean',
  'quoted',
  'String',
  'Number',
  'Math',
  'round',
  'join',
  'map',
  'trim',
  'slice',
]);

type SyntaxNode = Readonly<Record<string, unknown>>;

/** The messages of one source text in their order, each once. */
export function sourceMessages(source: string): readonly string[] {
  const found = new Set<string>();
  visit(parseSync(source, { syntax: 'typescript', target: 'es2024' }) as unknown as SyntaxNode, found);
  return [...found];
}

function visit(node: SyntaxNode, found: Set<string>): void {
  if (isIgnored(node)) return;
  const text = render(node);
  if (text !== null) {
    if (isMessage(text)) found.add(text.trim());
    return;
  }
  for (const child of Object.values(node)) {
    for (const each of Array.isArray(child) ? (child as unknown[]) : [child]) {
      if (isNode(each)) visit(each, found);
      // Arguments and array elements are wrapped without a type.
      else if (isWrapper(each)) visit(each.expression, found);
    }
  }
}

/** Imports, types and regular expressions have no messages; descriptions of schemas are on the pages of their keys. */
function isIgnored(node: SyntaxNode): boolean {
  const { type } = node;
  if (typeof type !== 'string') return false;
  if (/^(Import|Export(All|Named)|Ts(?!AsExpression|Satisfies|NonNull|ConstAssertion))/.test(type))
    return true;
  return type === 'CallExpression' && isNode(node['callee']) && nameOf(node['callee']) === 'describe';
}

function isMessage(text: string): boolean {
  return /[a-z]{2,}[,:;.'")]* [a-z‹'"(]/i.test(text) && !/^[\s\w-]+\\|^\$/.test(text);
}

/** null if the node is not a text. */
function render(node: SyntaxNode): string | null {
  switch (node['type']) {
    case 'StringLiteral':
      return String(node['value']);
    case 'TemplateLiteral':
      return renderTemplate(node);
    case 'BinaryExpression': {
      if (node['operator'] !== '+' || !isNode(node['left']) || !isNode(node['right'])) return null;
      const [left, right] = [render(node['left']), render(node['right'])];
      if (left === null && right === null) return null;
      return (left ?? placeholder(node['left'])) + (right ?? placeholder(node['right']));
    }
    default:
      return null;
  }
}

function renderTemplate({ quasis, expressions }: SyntaxNode): string {
  const texts = (quasis as readonly SyntaxNode[]).map(({ cooked, raw }) => String(cooked ?? raw));
  const values = (expressions as readonly SyntaxNode[]).map(placeholder);
  return texts.map((text, index) => text + (values[index] ?? '')).join('');
}

function placeholder(expression: SyntaxNode): string {
  return `‹${nameOf(expression) || '…'}›`;
}

function nameOf(node: SyntaxNode): string {
  switch (node['type']) {
    case 'Identifier':
    case 'PrivateName':
      return String(node['value']);
    case 'MemberExpression':
      return isNode(node['property']) ? nameOf(node['property']) : '';
    case 'CallExpression': {
      const callee = isNode(node['callee']) ? node['callee'] : {};
      const name = nameOf(callee);
      if (!wrappers.has(name)) return name;
      const [argument] = node['arguments'] as readonly unknown[];
      const inner = isWrapper(argument) ? nameOf(argument.expression) : '';
      const object = callee['object'];
      return inner || (isNode(object) ? nameOf(object) : '');
    }
    case 'BinaryExpression':
      return isNode(node['left']) ? nameOf(node['left']) : '';
    default:
      return '';
  }
}

function isNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && 'type' in value;
}

function isWrapper(value: unknown): value is { readonly expression: SyntaxNode } {
  return typeof value === 'object' && value !== null && 'expression' in value && isNode(value.expression);
}
