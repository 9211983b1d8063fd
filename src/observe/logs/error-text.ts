/** Formatter of an error and its causes as one line of text. */
import { inspect } from 'node:util';

/** Limit of causes: deeper ones add nothing and may form a cycle. */
const maxCauses = 5;

/** Returns the error's message and those of its causes: `outer: middle: inner`. */
export function describeError(error: unknown): string {
  const texts = collectCauses(error).map(formatThrown);
  // Many libraries repeat the cause's text in their message, so repeated texts are omitted.
  return texts.filter((text, i) => !texts.slice(0, i).some((known) => known.includes(text))).join(': ');
}

function collectCauses(error: unknown): unknown[] {
  const errors = [error];
  for (let last = error; last instanceof Error && last.cause !== undefined && errors.length < maxCauses; ) {
    last = last.cause;
    errors.push(last);
  }
  return errors;
}

function formatThrown(thrown: unknown): string {
  if (thrown instanceof Error) return thrown.message || thrown.name;
  return typeof thrown === 'string' ? thrown : inspect(thrown, { depth: 1, breakLength: Infinity });
}

/** Returns the error's stack trace on one line, with frames separated by ` | `. */
export function describeStack(error: unknown): string {
  const stack = error instanceof Error ? error.stack : undefined;
  return stack === undefined
    ? describeError(error)
    : stack
        .split('\n', 12)
        .map((line) => line.trim())
        .join(' | ');
}
