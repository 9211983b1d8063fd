/**
 * Formatter of results as JSON that is safe on a terminal: it also escapes control characters that JSON
 * allows in strings.
 */

// These are DEL, C1, the line separators, and the controls of the reading direction.
const unsafe = /[\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g;

/** Returns `value` as text that ends in a newline. */
export function jsonText(value: unknown): string {
  const text = JSON.stringify(value, null, 2);
  // These characters occur only within strings, where an escape means the same.
  return `${text.replace(unsafe, (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`)}\n`;
}
