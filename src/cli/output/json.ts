/** Results as JSON for scripts; safe on a terminal too, where JSON itself would let half of the control characters through. */

// DEL, C1, the separators of lines, and the controls that turn the reading direction.
const unescaped = /[\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g;

/** `value` as text that ends in a newline. */
export function jsonText(value: unknown): string {
  const text = JSON.stringify(value, null, 2);
  // They can stand only within strings, where an escape means the same.
  return `${text.replace(unescaped, (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`)}\n`;
}
