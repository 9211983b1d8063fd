/** An error as one line of text. */
import { inspect } from 'node:util';

/** Causes beyond these say nothing new, and may be a circle. */
const maxCauses = 5;

/** The error's message and those of its causes: `outer: middle: inner`. */
export function describeError(error: unknown): string {
  const texts = withCauses(error).map(textOf);
  // Many libraries put the cause's text into the message already.
  return texts.filter((text, i) => !texts.slice(0, i).some((known) => known.includes(text))).join(': ');
}

function withCauses(error: unknown): unknown[] {
  const errors = [error];
  for (let at = error; at instanceof Error && at.cause !== undefined && errors.length < maxCauses; ) {
    at = at.cause;
    errors.push(at);
  }
  return errors;
}

function textOf(thrown: unknown): string {
  if (thrown instanceof Error) return thrown.message || thrown.name;
  return typeof thrown === 'string' ? thrown : inspect(thrown, { depth: 1, breakLength: Infinity });
}

/** With the places it passed, separated by ` | `. */
export function describeStack(error: unknown): string {
  const stack = error instanceof Error ? error.stack : undefined;
  return stack === undefined
    ? describeError(error)
    : stack
        .split('\n', 12)
        .map((line) => line.trim())
        .join(' | ');
}
